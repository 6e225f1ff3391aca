import process from "node:process";
import { submit } from "comfyui-autoflow/node";
import { mainJob } from "./main-job.js";

mainJob({ submit }, process.argv[2]).then((outcome) => process.stdout.write(JSON.stringify(outcome)));

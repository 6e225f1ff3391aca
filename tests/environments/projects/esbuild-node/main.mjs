import process from "node:process";
import { Workflow } from "comfyui-autoflow/node";
import { mainJob } from "./main-job.js";

mainJob({ Workflow }, process.argv[2]).then((outcome) => process.stdout.write(JSON.stringify(outcome)));

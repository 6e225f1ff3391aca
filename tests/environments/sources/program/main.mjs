// node main.mjs SERVER [ws]
import process from "node:process";
import { Workflow } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

const [, , server, ws] = process.argv;
const options = ws ? { webSocket: (await import("ws")).WebSocket } : {};
process.stdout.write(JSON.stringify(await mainJob({ Workflow }, server, options)));

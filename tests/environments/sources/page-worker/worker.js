import { Workflow } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

onmessage = async ({ data }) => postMessage(await mainJob({ Workflow }, data));

// A service worker imports nothing later: this entry carries the converter.
import { mainJob } from "./main-job.js";
import { Workflow } from "./node_modules/comfyui-autoflow/workflow.js";

onmessage = async ({ data: { server, port } }) => port.postMessage(await mainJob({ Workflow }, server));

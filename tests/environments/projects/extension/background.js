import { mainJob } from "./main-job.js";
import { Workflow } from "./node_modules/comfyui-autoflow/workflow.js";

globalThis.start = (server) => mainJob({ Workflow }, server);

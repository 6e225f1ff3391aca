import { mainJob } from "./main-job.js";
import { submit } from "./node_modules/comfyui-autoflow/index.js";

globalThis.start = (server) => mainJob({ submit }, server);

import { mainJob } from "./main-job.js";
import { Workflow } from "./node_modules/comfyui-autoflow/index.js";

const answer = async ({ data: { server, port } }) => port.postMessage(await mainJob({ Workflow }, server));

// Workers.
globalThis.onmessage = answer;
// Shared workers.
globalThis.onconnect = ({ ports: [port] }) => {
  port.onmessage = answer;
};

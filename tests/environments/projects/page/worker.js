import { mainJob } from "./main-job.js";
import { submit } from "./node_modules/comfyui-autoflow/index.js";

const answer = async ({ data: { server, port } }) => port.postMessage(await mainJob({ submit }, server));

// Workers and service workers.
globalThis.onmessage = answer;
// Shared workers.
globalThis.onconnect = ({ ports: [port] }) => {
  port.onmessage = answer;
};

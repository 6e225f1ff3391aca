import { Workflow, init } from "comfyui-autoflow/slim";
import { mainJob } from "./main-job.js";

const outcome = async () => {
  await init({
    client: new URL("comfyui-autoflow/client.wasm", import.meta.url),
    converter: new URL("comfyui-autoflow/converter.wasm", import.meta.url),
  });
  return mainJob({ Workflow }, new URLSearchParams(location.search).get("server"));
};
outcome()
  .catch((error) => ({ error: error.stack }))
  .then((outcome) => {
    globalThis.outcome = outcome;
  });

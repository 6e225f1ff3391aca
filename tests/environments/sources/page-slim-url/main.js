import { Workflow, init } from "comfyui-autoflow/slim";
import client from "comfyui-autoflow/client.wasm?url";
import converter from "comfyui-autoflow/converter.wasm?url";
import { mainJob } from "./main-job.js";

const outcome = async () => {
  await init({ client, converter });
  return mainJob({ Workflow }, new URLSearchParams(location.search).get("server"));
};
outcome()
  .catch((error) => ({ error: error.stack }))
  .then((outcome) => {
    globalThis.outcome = outcome;
  });

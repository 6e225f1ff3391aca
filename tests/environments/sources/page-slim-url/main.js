import { init, submit } from "comfyui-autoflow/slim";
import wasm from "comfyui-autoflow/client.wasm?url";
import { mainJob } from "./main-job.js";

const outcome = async () => {
  await init(wasm);
  return mainJob({ submit }, new URLSearchParams(location.search).get("server"));
};
outcome()
  .catch((error) => ({ error: error.stack }))
  .then((outcome) => {
    globalThis.outcome = outcome;
  });

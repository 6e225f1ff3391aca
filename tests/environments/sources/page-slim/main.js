import { init, submit } from "comfyui-autoflow/slim";
import { mainJob } from "./main-job.js";

const outcome = async () => {
  await init(new URL("comfyui-autoflow/client.wasm", import.meta.url));
  return mainJob({ submit }, new URLSearchParams(location.search).get("server"));
};
outcome()
  .catch((error) => ({ error: error.stack }))
  .then((outcome) => {
    globalThis.outcome = outcome;
  });

import { mainJob } from "./main-job.js";
import { submit } from "./node_modules/comfyui-autoflow/index.js";

mainJob({ submit }, new URLSearchParams(location.search).get("server")).then((outcome) => {
  globalThis.outcome = outcome;
});

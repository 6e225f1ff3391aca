import { mainJob } from "./main-job.js";
import { Workflow } from "./node_modules/comfyui-autoflow/index.js";

mainJob({ Workflow }, new URLSearchParams(location.search).get("server")).then((outcome) => {
  globalThis.outcome = outcome;
});

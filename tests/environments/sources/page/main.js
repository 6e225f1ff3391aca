import { Workflow } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

mainJob({ Workflow }, new URLSearchParams(location.search).get("server")).then((outcome) => {
  globalThis.outcome = outcome;
});

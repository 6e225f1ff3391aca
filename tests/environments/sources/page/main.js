import { submit } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

mainJob({ submit }, new URLSearchParams(location.search).get("server")).then((outcome) => {
  globalThis.outcome = outcome;
});

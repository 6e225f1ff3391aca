// A content script is a classic script: one file, which has no imports.
import { Workflow } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

mainJob({ Workflow }, new URLSearchParams(location.search).get("server")).then((outcome) => {
  // The page's globals are not ours.
  document.documentElement.dataset.outcome = JSON.stringify(outcome);
});

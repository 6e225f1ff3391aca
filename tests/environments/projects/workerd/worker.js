import { Workflow } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

export default {
  async fetch(request) {
    return Response.json(await mainJob({ Workflow }, new URL(request.url).searchParams.get("server")));
  },
};

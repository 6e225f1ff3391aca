import { submit } from "comfyui-autoflow";
import { mainJob } from "./main-job.js";

export default {
  async fetch(request) {
    return Response.json(await mainJob({ submit }, new URL(request.url).searchParams.get("server")));
  },
};

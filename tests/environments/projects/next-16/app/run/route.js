import { Workflow } from "comfyui-autoflow/node";
import { WebSocket } from "ws";
import { mainJob } from "../../main-job.js";

export async function GET(request) {
  const server = new URL(request.url).searchParams.get("server");
  return Response.json(await mainJob({ Workflow }, server, { webSocket: WebSocket }));
}

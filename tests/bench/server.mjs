// @ts-check
// The other side of the wire, as fast as it can be: takes a prompt and sends the frames of a run that was made before.
// A process of its own, so that a client's time holds nothing of it.
//   node server.mjs   prints its port
import http from "node:http";
import { WebSocketServer } from "ws";

/** @type {Map<string, import("ws").WebSocket>} */
const sockets = new Map();

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? "/", "http://bench");
  response.setHeader("content-type", "application/json");
  if (request.method !== "POST" || url.pathname !== "/prompt") return response.end("{}");
  const { prompt_id, client_id, extra_data } = JSON.parse(Buffer.concat(chunks).toString());
  response.end(JSON.stringify({ prompt_id, number: 1, node_errors: {} }));
  const socket = sockets.get(client_id);
  // Clients get time to read the answer: what they do with frames before it is another matter than their speed.
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (socket) await send(socket, prompt_id, extra_data.bench);
});

/**
 * @param {import("ws").WebSocket} socket
 * @param {string} prompt_id
 * @param {{ frames: number, nodes: number, kind: "progress" | "progress_state" }} wanted
 */
async function send(socket, prompt_id, { frames, nodes, kind }) {
  const frame = (/** @type {string} */ type, /** @type {object} */ data) =>
    JSON.stringify({ type, data: { ...data, prompt_id } });
  socket.send(frame("execution_start", { timestamp: Date.now() }));
  socket.send(frame("execution_cached", { nodes: [], timestamp: Date.now() }));
  socket.send(frame("executing", { node: "0", display_node: "0" }));
  for (let at = 1; at <= frames; at++) {
    socket.send(kind === "progress" ? frame("progress", { value: at, max: frames, node: "0" }) : frame(kind, { nodes: states(nodes, at, prompt_id) }));
    // Not more than the socket takes: what is measured is the client.
    if (at % 500 === 0) await new Promise((resolve) => socket.send("", { compress: false }, resolve));
  }
  socket.send(frame("execution_success", { timestamp: Date.now() }));
  socket.send(frame("executing", { node: null }));
}

/** @param {number} count @param {number} value @param {string} prompt_id */
function states(count, value, prompt_id) {
  const nodes = /** @type {Record<string, object>} */ ({});
  for (let at = 0; at < count; at++) {
    const id = String(at);
    const state = at === 0 ? "running" : "finished";
    const ids = { node_id: id, prompt_id, display_node_id: id, parent_node_id: null, real_node_id: id };
    nodes[id] = { value: at === 0 ? value : 1, max: at === 0 ? 1e6 : 1, state, ...ids };
  }
  return nodes;
}

new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket, request) => {
  const clientId = new URL(request.url ?? "/", "http://bench").searchParams.get("clientId") ?? "";
  sockets.set(clientId, socket);
  socket.on("close", () => sockets.delete(clientId));
  socket.send(JSON.stringify({ type: "status", data: { status: { exec_info: { queue_remaining: 0 } }, sid: clientId } }));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(address.port);
});
process.stdin.on("close", () => process.exit()).resume();

// @ts-check
// The other side of the wire, as fast as it can be: takes a prompt and sends the frames of a run, which node "0" of the
// prompt describes. A process of its own, so that a client's time holds nothing of it.
//   node frames-server.mjs   prints its port
import { once } from "node:events";
import http from "node:http";
import { WebSocketServer } from "ws";
import { progress, progressState } from "./frame-texts.mjs";

/**
 * @typedef {object} Work
 * @property {number} frames
 * @property {number} nodes of the prompt
 * @property {"progress" | "progress_state"} kind
 * @property {boolean} [previews] whether every tenth frame is followed by a preview
 * @property {number} [paceMs] one frame each so many milliseconds; else as fast as the client takes them
 */

/** Clients get so long to read an answer: what they do with frames before it is another matter than their speed. */
const PAUSE_MS = 150;
const CHUNK = 64 * 1024;
const PREVIEW = 30_000;

/** @type {Map<string, import("ws").WebSocket>} */
const sockets = new Map();
/** @type {Set<string>} */
const running = new Set();
/** @type {Map<string, object>} */
const history = new Map();
let number = 0;

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { pathname } = new URL(request.url ?? "/", "http://bench");
  const answer = (/** @type {unknown} */ value) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  const route = pathname.replace(/^\/api(?=\/)/, "");
  if (request.method === "POST" && route === "/prompt") {
    const { prompt, client_id, prompt_id = crypto.randomUUID() } = JSON.parse(Buffer.concat(chunks).toString());
    running.add(prompt_id);
    answer({ prompt_id, number: (number += 1), node_errors: {} });
    // Some clients open their socket only now.
    await pause(PAUSE_MS);
    while (!sockets.has(client_id)) await pause(20);
    const socket = sockets.get(client_id);
    if (socket) await send(socket, prompt_id, prompt["0"].inputs.bench);
  } else if (route === "/queue") {
    answer({ queue_running: [...running].map((id) => [0, id, {}, {}, []]), queue_pending: [] });
  } else if (route.startsWith("/history")) {
    answer(Object.fromEntries([...history].filter(([id]) => route === "/history" || route.endsWith(id))));
  } else if (route === "/prompt") {
    answer({ exec_info: { queue_remaining: running.size } });
  } else {
    answer(route === "/system_stats" ? { system: { os: "posix" }, devices: [] } : {});
  }
});

/** @param {import("ws").WebSocket} socket @param {string} id @param {Work} work */
async function send(socket, id, work) {
  socket.send(`{"type": "execution_start", "data": {"prompt_id": "${id}", "timestamp": ${Date.now()}}}`);
  socket.send(`{"type": "execution_cached", "data": {"nodes": [], "prompt_id": "${id}", "timestamp": ${Date.now()}}}`);
  socket.send(`{"type": "executing", "data": {"node": "0", "display_node": "0", "prompt_id": "${id}"}}`);
  await pause(PAUSE_MS);
  await sendFrames(socket, id, work);
  const output = { images: [{ filename: "a.png", subfolder: "", type: "output" }] };
  running.delete(id);
  history.set(id, {
    prompt: [0, id, {}, {}, ["0"]],
    outputs: { 0: output },
    status: { status_str: "success", completed: true, messages: [] },
  });
  const end = { node: "0", display_node: "0", output, prompt_id: id };
  socket.send(JSON.stringify({ type: "executed", data: end }));
  socket.send(`{"type": "execution_success", "data": {"prompt_id": "${id}", "timestamp": ${Date.now()}}}`);
  socket.send(`{"type": "executing", "data": {"node": null, "prompt_id": "${id}"}}`);
}

/**
 * Writes past the WebSocket library: the frames of a run differ in one number, which is patched into bytes made once.
 *
 * @param {import("ws").WebSocket} socket
 * @param {string} id
 * @param {Work} work
 */
async function sendFrames(socket, id, { frames, nodes, kind, previews, paceMs }) {
  const stream = /** @type {any} */ (socket)._socket;
  const text = (kind === "progress" ? progress : progressState)(id, nodes, 100_000);
  const frame = wireFrame(1, Buffer.from(text));
  const at = frame.indexOf("100000");
  const preview = wireFrame(2, Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]), Buffer.alloc(PREVIEW, 0x55)]));
  /** @type {Buffer[]} */
  let chunk = [];
  let size = 0;
  const began = performance.now();
  for (let index = 1; index <= frames; index += 1) {
    const next = Buffer.from(frame);
    next.write(String(100_000 + index), at);
    chunk.push(next);
    if (previews && index % 10 === 0) chunk.push(preview);
    size += next.length + (previews ? PREVIEW / 10 : 0);
    if (size < CHUNK && !paceMs && index < frames) continue;
    // Not more than the socket takes: what is measured is the client.
    if (!stream.write(Buffer.concat(chunk))) await once(stream, "drain");
    chunk = [];
    size = 0;
    while (paceMs && performance.now() - began < index * paceMs) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A message as a server sends it: whole and without a mask. @param {1 | 2} opcode @param {Buffer} payload */
function wireFrame(opcode, payload) {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket, request) => {
  const clientId = new URL(request.url ?? "/", "http://bench").searchParams.get("clientId") ?? "";
  sockets.set(clientId, socket);
  socket.on("close", () => sockets.get(clientId) === socket && sockets.delete(clientId));
  socket.on("error", () => {});
  const status = { exec_info: { queue_remaining: running.size } };
  socket.send(JSON.stringify({ type: "status", data: { status, sid: clientId } }));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(address.port);
});
process.stdin.on("close", () => process.exit()).resume();

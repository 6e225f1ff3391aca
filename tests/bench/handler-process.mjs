// @ts-check
// What one frame costs between the message handler of the socket and the callback: a socket of our own calls the handler
// with texts that are there already. A bare JSON.parse of the same texts runs in turns with it, in the same process.
//   node handler-process.mjs JSON
import { submit } from "comfyui-autoflow";
import { progress, progressState } from "./frame-texts.mjs";

/** @type {{ kind: "progress" | "progress_state", nodes: number, frames: number, rounds: number }} */
const work = JSON.parse(process.argv[2]);
const PROMPT_ID = "4f1c2d3e-5a6b-4c7d-8e9f-0a1b2c3d4e5f";

/** @type {Record<string, { class_type: string, inputs: Record<string, unknown> }>} */
const prompt = { 0: { class_type: "Step", inputs: {} } };
for (let at = 1; at < work.nodes; at += 1) prompt[at] = { class_type: "Step", inputs: { from: [String(at - 1), 0] } };

/** @type {any} */
let socket;
class Socket {
  constructor() {
    socket = this;
    queueMicrotask(() => /** @type {any} */ (this).onopen());
  }
  send() {}
  close() {}
}
const fetch = async (/** @type {any} */ url) =>
  new Response(JSON.stringify(String(url).endsWith("/prompt") ? { prompt_id: PROMPT_ID, number: 1, node_errors: {} } : {}));

let heard = 0;
const controller = new AbortController();
const run = submit(prompt, {
  serverUrl: "http://127.0.0.1:1",
  promptId: PROMPT_ID,
  wait: true,
  signal: controller.signal,
  fetch: /** @type {any} */ (fetch),
  webSocket: /** @type {any} */ (Socket),
  // The benchmark is quicker than any silence.
  idleTimeoutMs: 1e9,
  onEvent: () => (heard += 1),
});
run.catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 50));
const send = (/** @type {string} */ data) => socket.onmessage(new MessageEvent("message", { data }));
send(`{"type": "execution_start", "data": {"prompt_id": "${PROMPT_ID}", "timestamp": 1}}`);
send(`{"type": "executing", "data": {"node": "0", "display_node": "0", "prompt_id": "${PROMPT_ID}"}}`);

/** Texts as a socket has them: none shares anything with another. */
const frame = work.kind === "progress" ? progress : progressState;
let value = 100_000;
const texts = () =>
  Array.from({ length: work.frames }, () => Buffer.from(frame(PROMPT_ID, work.nodes, (value += 1))).toString());

/** @param {(text: string) => void} each @returns microseconds a frame */
function timed(each) {
  const events = texts().map((data) => new MessageEvent("message", { data }));
  const began = performance.now();
  for (const event of events) each(/** @type {any} */ (event));
  return (1000 * (performance.now() - began)) / work.frames;
}

let parsed = 0;
const parse = (/** @type {any} */ event) => (parsed += JSON.parse(event.data).type.length);
const handle = (/** @type {any} */ event) => socket.onmessage(event);
for (let round = 0; round < 3; round += 1) [timed(parse), timed(handle)];
const before = heard;
const rounds = Array.from({ length: work.rounds }, () => ({ parse: timed(parse), handle: timed(handle) }));
if (heard - before !== work.rounds * work.frames) throw new Error(`${heard - before} events heard`);
controller.abort();
console.log(`\nRESULT ${JSON.stringify({ rounds })}`);
process.exit();

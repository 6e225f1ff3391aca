// @ts-check
// What one frame costs, from the socket to the callback: this package beside a bare socket with JSON.parse, in turns and
// in one run. Prints medians and ratios, asserts nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { submit } from "comfyui-autoflow";
import { WebSocket } from "ws";

const ROUNDS = 7;
const server = spawn(process.execPath, [new URL("server.mjs", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
const [port] = await once(server.stdout, "data");
const serverUrl = `http://127.0.0.1:${String(port).trim()}`;

/** @param {number} nodes */
function chain(nodes) {
  const prompt = /** @type {Record<string, { class_type: string, inputs: Record<string, unknown> }>} */ ({});
  for (let at = 0; at < nodes; at++) prompt[at] = { class_type: "Step", inputs: at ? { from: [String(at - 1), 0] } : {} };
  return prompt;
}

/** @typedef {{ frames: number, nodes: number, kind: "progress" | "progress_state" }} Work */

/** @param {Work} work */
async function ours(work) {
  let events = 0;
  const options = { serverUrl, wait: true, extraData: { bench: work }, webSocket: WebSocket, onEvent: () => void events++ };
  await submit(chain(work.nodes), options);
  if (events < work.frames) throw new Error(`only ${events} events`);
}

/** The floor: what any client has to do. @param {Work} work */
async function bare(work) {
  const client_id = crypto.randomUUID();
  const socket = new WebSocket(`${serverUrl.replace("http", "ws")}/ws?clientId=${client_id}`);
  await once(socket, "open");
  let events = 0;
  /** @param {any} event */
  const onEvent = (event) => {
    events++;
    if (event.type === "executing" && event.data.node === null) socket.close();
  };
  socket.onmessage = ({ data }) => data && onEvent(JSON.parse(String(data)));
  const body = JSON.stringify({ prompt: chain(work.nodes), client_id, prompt_id: crypto.randomUUID(), extra_data: { bench: work } });
  await fetch(`${serverUrl}/prompt`, { method: "POST", body });
  await once(socket, "close");
  if (events < work.frames) throw new Error(`only ${events} events`);
}

/** @param {(work: Work) => Promise<void>} client @param {Work} work */
async function measure(client, work) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await client(work);
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (wall * 1000) / work.frames, cpu: (user + system) / work.frames };
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

console.log("µs for each frame          bare socket          comfyui-autoflow      ratio");
console.log("                           time      CPU        time      CPU         time   CPU");
for (const work of /** @type {Work[]} */ ([
  { kind: "progress", frames: 30_000, nodes: 10 },
  { kind: "progress", frames: 30_000, nodes: 1000 },
  { kind: "progress_state", frames: 5_000, nodes: 10 },
  { kind: "progress_state", frames: 2_000, nodes: 100 },
  { kind: "progress_state", frames: 300, nodes: 1000 },
])) {
  const results = { bare: /** @type {any[]} */ ([]), ours: /** @type {any[]} */ ([]) };
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = { bare: await measure(bare, work), ours: await measure(ours, work) };
    // The first round warms both up.
    if (round) results.bare.push(pair.bare), results.ours.push(pair.ours);
  }
  const of = (/** @type {"bare" | "ours"} */ who, /** @type {"wall" | "cpu"} */ what) => median(results[who].map((one) => one[what]));
  const number = (/** @type {number} */ value) => value.toFixed(2).padStart(9);
  const name = `${work.kind}, ${work.nodes} nodes`.padEnd(24);
  console.log(
    `${name}${number(of("bare", "wall"))}${number(of("bare", "cpu"))}   ${number(of("ours", "wall"))}${number(of("ours", "cpu"))}   ` +
      `${(of("ours", "wall") / of("bare", "wall")).toFixed(2).padStart(7)}${(of("ours", "cpu") / of("bare", "cpu")).toFixed(2).padStart(7)}`,
  );
}
server.stdin.end();

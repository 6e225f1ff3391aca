// @ts-check
// What one frame costs from the socket to the callback: this package, a bare socket with JSON.parse, and its peers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inTurns, measured, nodeClient, pythonClient, script } from "./child.mjs";
import { AUTOFLOW_PYTHON, BARE, OURS, SAINTNO, STABLE_CANVAS } from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median, ratio } from "./table.mjs";

/** @typedef {import("./frames-server.mjs").Work & { warm: number, rounds: number, title: string }} Work */
/** @typedef {Map<string, import("./child.mjs").Result[]>} Results */

const NAMES = [BARE, OURS, SAINTNO, STABLE_CANVAS, AUTOFLOW_PYTHON];
const BAR = 1.4;
const HANDLER_BAR = 2.4;

/** From the message handler to the callback, without a socket. */
const HANDLED = [
  { title: "`progress`", kind: "progress", nodes: 10, frames: 20_000, rounds: 15 },
  { title: "`progress`, prompt of 1,000 nodes", kind: "progress", nodes: 1000, frames: 20_000, rounds: 9 },
  { title: "`progress_state`, 100 nodes", kind: "progress_state", nodes: 100, frames: 500, rounds: 15 },
  { title: "`progress_state`, 1,000 nodes", kind: "progress_state", nodes: 1000, frames: 60, rounds: 9 },
];

/** @type {Work[]} */
const WORKS = [
  { title: "30,000 `progress`", kind: "progress", frames: 30_000, nodes: 10, warm: 2000, rounds: 5 },
  { title: "30,000 `progress`, prompt of 1,000 nodes", kind: "progress", frames: 30_000, nodes: 1000, warm: 2000, rounds: 3 },
  { title: "3,000 `progress`, one a millisecond", kind: "progress", frames: 3000, nodes: 10, warm: 2000, paceMs: 1, rounds: 2 },
  { title: "`progress_state`, 10 nodes", kind: "progress_state", frames: 10_000, nodes: 10, warm: 500, rounds: 3 },
  { title: "`progress_state`, 100 nodes", kind: "progress_state", frames: 2000, nodes: 100, warm: 200, rounds: 3 },
  { title: "`progress_state`, 1,000 nodes", kind: "progress_state", frames: 300, nodes: 1000, warm: 50, rounds: 3 },
];

/** @type {Work} */
const MEMORY = { title: "", kind: "progress", frames: 100_000, nodes: 10, warm: 1000, previews: true, rounds: 1 };

/** @returns {Promise<import("./table.mjs").Report>} */
export async function frames() {
  const byPython = pythonClient(await pythonPeers());
  const server = spawn(process.execPath, [fileURLToPath(new URL("frames-server.mjs", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = await once(server.stdout, "data");
  const url = `http://127.0.0.1:${String(port).trim()}`;
  const measure = (/** @type {Work} */ work) =>
    inTurns(work.rounds, NAMES, (name) => {
      const client = name === AUTOFLOW_PYTHON ? byPython : nodeClient;
      return measured(client("frames", name, { ...work, url }));
    });
  try {
    const results = [];
    for (const work of WORKS) results.push(await measure(work));
    const memory = await measure(MEMORY);
    /** @type {Handled[]} */
    const handled = [];
    for (const work of HANDLED) {
      const { rounds = [] } = await measured(script("handler-process.mjs", work));
      const of = (/** @type {(round: { parse: number, handle: number }) => number} */ what) => median(rounds.map(what));
      const times = of(({ parse, handle }) => handle / parse);
      handled.push({ title: work.title, parse: of(({ parse }) => parse), handle: of(({ handle }) => handle), times });
    }
    return report(results, memory, handled);
  } finally {
    server.stdin.end();
  }
}

/** @typedef {{ title: string, parse: number, handle: number, times: number }} Handled */

/** @param {Results[]} results @param {Results} memory @param {Handled[]} handled @returns {import("./table.mjs").Report} */
function report(results, memory, handled) {
  const of = (/** @type {Results} */ all, /** @type {string} */ name, /** @type {string} */ what) =>
    median((all.get(name) ?? []).map((result) => result[what] ?? NaN));
  /** @param {"wallUs" | "cpuUs"} what @param {string} caption @returns {import("./table.mjs").Table} */
  const table = (what, caption) => ({
    caption,
    columns: ["", ...NAMES],
    rows: WORKS.map(({ title }, at) => [
      title,
      ...NAMES.map((name) => {
        const value = of(results[at], name, what);
        return name === BARE ? figure(value) : `${figure(value)} (${ratio(value, of(results[at], BARE, what))})`;
      }),
    ]),
  });
  const time = of(results[0], OURS, "wallUs") / of(results[0], BARE, "wallUs");
  const paced = of(results[2], OURS, "cpuUs") / of(results[2], BARE, "cpuUs");
  const peers = NAMES.filter((name) => name !== OURS && name !== BARE);
  const fastest = Math.min(...peers.map((name) => of(results[0], name, "wallUs")));
  const growth = of(results[1], OURS, "cpuUs") / of(results[0], OURS, "cpuUs");
  const heard = (/** @type {string} */ name) => {
    const rows = memory.get(name) ?? [];
    return rows[0]?.failed ?? `${figure(rows[0].heard)} and ${figure(rows[0].previews)}`;
  };
  return {
    title: "Frames",
    about:
      "From a socket on this machine to the callback, between the first frame and the last. The server sends as fast as the " +
      "client takes it, unless it says otherwise. In brackets: times as much as the bare socket, which does nothing but parse.",
    tables: [
      table("wallUs", "Time for a frame, µs"),
      table("cpuUs", "CPU for a frame, µs (all threads)"),
      {
        caption: "Without a socket, from the message handler to the callback, µs; JSON.parse of the same texts in turns with it",
        columns: ["", "bare JSON.parse", OURS, "median of the ratios"],
        rows: handled.map(({ title, parse, handle, times }) => [title, figure(parse), figure(handle), ratio(times, 1)]),
      },
      {
        caption: "Memory over 100,000 `progress` frames with 10,000 previews of 30 kB between them, MB",
        columns: ["", "frames and previews heard", "grown by at most", "grown by at the end"],
        rows: NAMES.map((name) => [name, heard(name), figure(of(memory, name, "grownMB")), figure(of(memory, name, "keptMB"))]),
      },
    ],
    notes: [
      "comfy-ui-client tells of no frames. comfyui-autoflow (Python) drops binary frames.",
      `Our \`progress\` frame costs ${ratio(growth, 1)} as much CPU in a prompt of 1,000 nodes as in one of 10.`,
    ],
    budgets: [
      {
        what: "one `progress` frame, socket to callback, in Node",
        bar: `≤ ${BAR} × a bare socket with JSON.parse`,
        measured: `${ratio(time, 1)} at full speed, ${ratio(paced, 1)} (CPU) at one a millisecond`,
        met: time <= BAR,
        reason: "a text crosses into wasm and the event out of it, and the event has twenty fields",
      },
      {
        what: "one `progress` frame, message handler to callback",
        bar: `≤ ${HANDLER_BAR} × a bare JSON.parse`,
        measured: ratio(handled[0].times, 1),
        met: handled[0].times <= HANDLER_BAR,
      },
      {
        what: "the same, beside peers",
        bar: "no slower than any peer",
        measured: `${ratio(of(results[0], OURS, "wallUs"), fastest)} the fastest peer`,
        met: of(results[0], OURS, "wallUs") <= fastest,
        reason: "the faster ones parse once, hand that on and keep no state of the run",
      },
    ],
  };
}

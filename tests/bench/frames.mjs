// @ts-check
// What one frame costs from the socket to the callback: this package, a bare socket with JSON.parse, and its peers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inTurns, measured, nodeClient, pythonClient } from "./child.mjs";
import { AUTOFLOW_PYTHON, BARE, OURS, SAINTNO, STABLE_CANVAS } from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median, ratio } from "./table.mjs";

/** @typedef {import("./frames-server.mjs").Work & { warm: number, rounds: number, title: string }} Work */
/** @typedef {Map<string, import("./child.mjs").Result[]>} Results */

const NAMES = [BARE, OURS, SAINTNO, STABLE_CANVAS, AUTOFLOW_PYTHON];
const BAR = 1.15;

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
    return report(results, memory);
  } finally {
    server.stdin.end();
  }
}

/** @param {Results[]} results @param {Results} memory @returns {import("./table.mjs").Report} */
function report(results, memory) {
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
        reason: "each text is read twice, in wasm for the state of the run and by JSON.parse for the callback",
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

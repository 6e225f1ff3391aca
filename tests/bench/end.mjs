// @ts-check
// How long after the server finished a client's promise settles, where all goes well and where it does not.
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator } from "comfyui-autoflow/testing";
import { textToImage } from "../scenarios/prompts.mjs";
import { measured, nodeClient, pythonClient } from "./child.mjs";
import { AUTOFLOW_PYTHON, AUTOGRAPH, COMFY_CLI, COMFY_UI_CLIENT, OURS, SAINTNO, STABLE_CANVAS } from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median } from "./table.mjs";

/** @typedef {import("comfyui-autoflow/testing").SimulatorOptions} SimulatorOptions */
/** @typedef {{ title: string, faults?: SimulatorOptions["faults"], cached?: boolean, fails?: boolean, calm?: boolean }} Case */
/** @typedef {{ afterMs?: number, outcome: string }} Ending */

const PYTHON = [AUTOFLOW_PYTHON, AUTOGRAPH, COMFY_CLI];
const NAMES = [
  OURS,
  SAINTNO,
  STABLE_CANVAS,
  `${STABLE_CANVAS}, Workflow`,
  `${STABLE_CANVAS}, enqueue_polling`,
  COMFY_UI_CLIENT,
  ...PYTHON,
];

/** The frame at which things go wrong, amid the sampler. */
const AMID = 8;
/** @type {Case[]} */
const CASES = [
  { title: "ordinary", calm: true },
  { title: "all cached", cached: true, calm: true },
  { title: "a node fails", faults: { failNode: { classType: "VAEDecode" } }, fails: true, calm: true },
  { title: "socket muted midway, a new one hears", faults: { muteSocket: { at: AMID, reopened: "live" } } },
  { title: "socket muted for good", faults: { muteSocket: { at: AMID, reopened: "muted" } } },
  { title: "muted, and a node fails", faults: { muteSocket: { at: AMID, reopened: "muted" }, failNode: { classType: "VAEDecode" } }, fails: true },
  { title: "sockets refused", faults: { refuseSockets: { how: 503 } } },
  { title: "dropped and reopened", faults: { dropSocket: { at: AMID } } },
];

const ROUNDS = 3;
/** So long after the server finished, a client that has not settled never will. */
const BOUND_MS = 30_000;
const AT_ONCE = 12;
/** What ours promises for a silent socket: the idle timeout, one probe and what a request takes. */
const SILENT_BAR_MS = 5000 + 500;

/** @returns {Promise<import("./table.mjs").Report>} */
export async function end() {
  const byPython = pythonClient(await pythonPeers());
  /** @type {Map<string, Ending[]>} */
  const endings = new Map();
  /** @type {{ key: string, one: Case, name: string, calm: boolean }[]} */
  const jobs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, one] of CASES.entries()) {
      for (const name of NAMES) jobs.push({ key: `${at} ${name}`, one, name, calm: Boolean(one.calm) });
    }
  }
  const play = async (/** @type {(typeof jobs)[0]} */ { key, one, name }) => {
    const list = endings.get(key) ?? [];
    endings.set(key, list);
    // What never ends once is not waited for again.
    if (list.some(({ outcome }) => outcome === "never")) return;
    list.push(await ending(one, (work) => (PYTHON.includes(name) ? byPython : nodeClient)("end", name, work)));
  };
  // Where milliseconds count nothing else runs.
  for (const job of jobs.filter(({ calm }) => calm)) await play(job);
  const rest = jobs.filter(({ calm }) => !calm);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let job = rest.shift(); job; job = rest.shift()) await play(job);
  }));
  return report(endings);
}

/** @param {Case} one @param {(work: object) => import("./child.mjs").Command} command @returns {Promise<Ending>} */
async function ending({ faults, cached, fails }, command) {
  const simulator = await startSimulator({ stepMs: 40, checkpoints: ["model.safetensors"], faults });
  try {
    const prompt = textToImage({ steps: 15 });
    if (cached) {
      const over = simulator.waitFor("prompt_done");
      await fetch(`${simulator.url}/prompt`, { method: "POST", body: JSON.stringify({ prompt }) });
      await over;
    }
    let doneAt = NaN;
    const done = new Promise((resolve) => {
      simulator.once("prompt_done", () => {
        doneAt = performance.timeOrigin + performance.now();
        resolve(undefined);
      });
    });
    const result = measured(command({ url: simulator.url, prompt, output: "9" }), { boundMs: BOUND_MS + 10_000 });
    const bound = done.then(() => sleep(BOUND_MS, { failed: "never", late: true }, { ref: false }));
    const { settledAt, outcome, failed, late } = /** @type {any} */ (await Promise.race([result, bound]));
    // Its process ends by itself, or at its bound.
    if (late) return { outcome: "never" };
    if (failed) return { outcome: failed };
    if (outcome.startsWith("not connected")) return { outcome: "gives up connecting" };
    if (process.env.DEBUG) console.error(outcome);
    const wrong = outcome.startsWith("resolved") === Boolean(fails);
    return { afterMs: settledAt - doneAt, outcome: wrong ? (fails ? "as if done" : "as failed") : "" };
  } finally {
    await simulator.close();
  }
}

/** @param {Map<string, Ending[]>} endings @returns {import("./table.mjs").Report} */
function report(endings) {
  const cell = (/** @type {number} */ at, /** @type {string} */ name) => {
    const list = endings.get(`${at} ${name}`) ?? [];
    const odd = list.find(({ afterMs }) => afterMs === undefined);
    if (odd) return odd.outcome;
    const after = median(list.map(({ afterMs }) => afterMs ?? NaN));
    const how = Number.isNaN(after) ? "ended before the server" : after < -1 ? `${figure(-after)} ms early` : `${figure(Math.max(0, after))} ms`;
    return [how, list.find(({ outcome }) => outcome)?.outcome].filter(Boolean).join(", ");
  };
  const mute = CASES.findIndex(({ title }) => title === "socket muted for good");
  const silent = median((endings.get(`${mute} ${OURS}`) ?? []).map(({ afterMs }) => afterMs ?? NaN));
  return {
    title: "End",
    about:
      "From the moment when the run is in the server's history to the moment when the promise settles (comfy-cli: its command " +
      `returns). “Never”: not within ${BOUND_MS / 1000} s. “As if done”: resolved although the run failed; “as failed”: the ` +
      "other way round. “Early”: before the run was over.",
    tables: [
      {
        caption: "After the end of the run",
        columns: ["", ...CASES.map(({ title }) => title)],
        rows: NAMES.map((name) => [name, ...CASES.map((_, at) => cell(at, name))]),
      },
    ],
    notes: [
      "@comfyorg/sdk speaks ComfyUI's API v2, through a proxy of its own: it cannot follow a run on an ordinary server.",
    ],
    budgets: [
      {
        what: "end of a run whose socket went silent",
        bar: "found within the idle timeout (5 s) and one probe",
        measured: `${figure(silent)} ms after the end`,
        met: silent <= SILENT_BAR_MS,
      },
    ],
  };
}

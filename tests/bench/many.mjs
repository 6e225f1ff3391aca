// @ts-check
// Many runs of one client at once, in Node and in a page: how long until the last has ended, and what that takes.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startSimulator } from "comfyui-autoflow/testing";
import { build } from "esbuild";
import { pkg, root } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";
import { launch, skip } from "../browser/chromium.mjs";
import { measured, nodeClient, pythonClient } from "./child.mjs";
import { AUTOFLOW_PYTHON, COMFY_UI_CLIENT, OURS, SAINTNO, STABLE_CANVAS } from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median, ratio } from "./table.mjs";

/** @typedef {import("./child.mjs").Result} Result */

const COUNTS = [1, 10, 100, 1000];
const ROUNDS = (/** @type {number} */ count) => (count < 1000 ? 3 : 1);
const bound = (/** @type {number} */ count) => (count < 1000 ? 20_000 : 60_000);
const IN_NODE = [OURS, SAINTNO, STABLE_CANVAS, COMFY_UI_CLIENT, AUTOFLOW_PYTHON];
const IN_PAGES = [OURS, SAINTNO, STABLE_CANVAS];

/** @returns {Promise<import("./table.mjs").Report>} */
export async function many() {
  const byPython = pythonClient(await pythonPeers());
  const node = await growing(IN_NODE, (name, seeds) => inNode(name === AUTOFLOW_PYTHON ? byPython : nodeClient, name, seeds));
  const page = skip ? new Map() : await inPages();
  return {
    title: "Many at once",
    about:
      "Runs of two nodes and some twelve milliseconds each, submitted at the same moment by one client to one server, which takes " +
      "them one after the other. Time: until the last promise has settled. Memory: how far the process (in a page: the " +
      "JavaScript heap and the wasm) grew at most. Sockets: with that of a run before, since some clients close theirs when " +
      "nothing runs. Requests: without sockets.",
    tables: [table("In Node (Python: a thread each, since its call blocks)", IN_NODE, node), table("In one page of headless Chromium", IN_PAGES, page)],
    notes: [
      "In pages @saintno/comfyui-sdk hears nothing unless there is a `Buffer`; it was given an empty one. It asks for the queue for " +
        "each run at each change of it. Our waiting runs look at the queue when the socket has been silent about them for five " +
        "seconds, and share what it says.",
    ],
  };
}

/**
 * Each count for all, in turns; who did not end all runs of two counts is not asked for more.
 *
 * @param {string[]} names
 * @param {(name: string, seeds: number) => Promise<Result>} measure
 * @returns {Promise<Map<string, Result[]>>} by name and count
 */
async function growing(names, measure) {
  /** @type {Map<string, Result[]>} */
  const results = new Map();
  /** @type {string[]} */
  const failures = [];
  for (const seeds of COUNTS) {
    const out = new Set(names.filter((name) => failures.filter((one) => one === name).length >= 2));
    for (let round = 0; round < ROUNDS(seeds); round += 1) {
      for (const name of names) {
        if (out.has(name)) continue;
        const result = await measure(name, seeds);
        results.set(`${name} ${seeds}`, [...(results.get(`${name} ${seeds}`) ?? []), result]);
        if (!result.failed && result.settled === seeds) continue;
        out.add(name);
        failures.push(name);
      }
    }
  }
  return results;
}

/** What a simulator is asked; requests count from `begin` on. @param {import("comfyui-autoflow/testing").Simulator} simulator */
function counter(simulator) {
  let sockets = 0;
  let requests = 0;
  // Its own list forgets the oldest.
  simulator.on("request", ({ route, method }) => {
    if (route === "GET /ws") sockets += 1;
    else if (method !== "OPTIONS") requests += 1;
  });
  return { begin: () => (requests = 0), counts: () => ({ sockets, requests }) };
}

/** @param {typeof nodeClient} client @param {string} name @param {number} seeds @returns {Promise<Result>} */
async function inNode(client, name, seeds) {
  const simulator = await startSimulator({ lab: true });
  try {
    const { begin, counts } = counter(simulator);
    const work = client("many", name, { url: simulator.url, seeds, output: "2", boundMs: bound(seeds) });
    const result = await measured(work, { boundMs: bound(seeds) + 20_000, onLine: (line) => line === "begin" && begin() });
    return { ...result, ...counts() };
  } finally {
    await simulator.close();
  }
}

/** @returns {Promise<Map<string, Result[]>>} */
async function inPages() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "autoflow-bench-"));
  const here = path.dirname(fileURLToPath(import.meta.url));
  const peers = [SAINTNO, STABLE_CANVAS];
  await build({
    entryPoints: Object.fromEntries(peers.map((name, at) => [`peer-${at}`, name])),
    absWorkingDir: here,
    bundle: true,
    format: "esm",
    platform: "browser",
    outdir: folder,
    logLevel: "silent",
  });
  const imports = Object.fromEntries([[OURS, "/pkg/index.js"], ...peers.map((name, at) => [name, `/app/peer-${at}.js`])]);
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  fs.writeFileSync(path.join(folder, "index.html"), `<!doctype html><link rel="icon" href="data:,">${map}`);
  const server = await serve({ "/app/": folder, "/pkg/": pkg, "/tests/": path.join(root, "tests") });
  const browser = await launch(["--js-flags=--expose-gc", "--enable-precise-memory-info"]);
  try {
    return await growing(IN_PAGES, (name, seeds) => inPage(browser, server.url, name, seeds));
  } finally {
    await browser.close();
    await server.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} url of the page
 * @param {string} name
 * @param {number} seeds
 * @returns {Promise<Result>}
 */
async function inPage(browser, url, name, seeds) {
  const simulator = await startSimulator({ lab: true, cors: true });
  const context = await browser.newContext();
  try {
    const { begin, counts } = counter(simulator);
    const page = await context.newPage();
    await page.exposeFunction("begin", begin);
    await page.goto(`${url}/app/`);
    const boundMs = bound(seeds);
    const late = new Promise((resolve) => setTimeout(resolve, boundMs + 20_000, { failed: "the page does not answer" }).unref());
    const work = { name, url: simulator.url, seeds, boundMs };
    const result = await Promise.race([page.evaluate(runAndMeasure, work).catch((error) => ({ failed: error.message.split("\n")[0] })), late]);
    return { .../** @type {Result} */ (result), ...counts() };
  } finally {
    await context.close();
    await simulator.close();
  }
}

/** Runs in the page. @param {{ name: string, url: string, seeds: number, boundMs: number }} work */
async function runAndMeasure({ name, url, seeds, boundMs }) {
  const scope = /** @type {any} */ (globalThis);
  scope.Buffer = class Buffer {};
  const [entry, modules] = ["/tests/bench/clients.mjs", "/pkg/modules.js"];
  const { clients, shortRun } = await import(entry);
  const ours = name === "comfyui-autoflow";
  const client = await clients[name](url);
  const wasm = ours ? (await import(modules)).client.glue.initSync().memory : { buffer: { byteLength: 0 } };
  const run = (/** @type {number} */ at) => {
    return client.run(shortRun(at), { output: "2", hear() {} });
  };
  await Promise.race([run(0), new Promise((_, reject) => setTimeout(reject, 10_000, new Error("hears nothing")))]);
  scope.gc();
  const used = () => scope.performance.memory.usedJSHeapSize + wasm.buffer.byteLength;
  const before = used();
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, used())), 20);
  await scope.begin();
  const began = performance.now();
  let settled = 0;
  const all = Promise.allSettled(Array.from({ length: seeds }, (_, at) => run(at + 1).then(() => (settled += 1))));
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, boundMs))]);
  const ms = performance.now() - began;
  clearInterval(sampler);
  most = Math.max(most, used());
  await client.close();
  return { settled, ms, grownMB: (most - before) / 1e6 };
}

/**
 * @param {string} caption
 * @param {string[]} names
 * @param {Map<string, Result[]>} results
 * @returns {import("./table.mjs").Table}
 */
function table(caption, names, results) {
  const rows = [];
  for (const seeds of COUNTS) {
    for (const name of names) {
      const list = results.get(`${name} ${seeds}`);
      if (!list) continue;
      const of = (/** @type {string} */ what) => median(list.map((result) => Number(result[what] ?? NaN)));
      // Who did not end all of them has no time to compare with.
      const ours = median((results.get(`${OURS} ${seeds}`) ?? []).map(({ ms, settled }) => (settled === seeds ? ms : NaN)));
      const wrong = list.find((result) => result.failed || result.settled < seeds);
      const time = wrong ? (wrong.failed ?? `${wrong.settled} of ${seeds} ended in ${bound(seeds) / 1000} s`) : figure(of("ms"));
      rows.push([
        `${seeds} × ${name}`,
        time,
        wrong ? "–" : ratio(of("ms"), ours),
        figure(of("cpuMs")),
        figure(of("grownMB")),
        figure(of("sockets")),
        figure(of("requests")),
      ]);
    }
  }
  return { caption, columns: ["", "time, ms", "times ours", "CPU, ms", "memory, MB", "sockets", "requests"], rows };
}

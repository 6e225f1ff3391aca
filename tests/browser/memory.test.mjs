// @ts-check
// A thousand runs in one page leave nothing: neither in the memory of the wasm nor in that of JavaScript.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { serve } from "../../scripts/serve.mjs";
import { pkg, root } from "../../scripts/paths.mjs";
import { launch, skip } from "./chromium.mjs";

/** Both in bytes. @typedef {{ wasm: number, heap: number }} Memory */

const ROUNDS = 10;
const RUNS_A_ROUND = 100;
/** Beside each other, each run of a lane after the one before. */
const LANES = 5;

test("1,000 runs in a row do not grow memory", { skip, timeout: 120_000 }, async () => {
  const simulator = await startSimulator({ cors: true, lab: true, compress: false });
  const server = await serve({ "/pkg/": pkg, "/tests/": `${root}/tests` });
  const browser = await launch(["--js-flags=--expose-gc", "--enable-precise-memory-info"]);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/page.html`);
    const how = { url: simulator.url, rounds: ROUNDS, runs: RUNS_A_ROUND, lanes: LANES };
    const after = await page.evaluate(runAndMeasure, how);
    // What is kept for good, such as compiled code, is there after a few hundred runs.
    const [early, late] = [after[ROUNDS * 0.3 - 1], after[ROUNDS - 1]];
    const grown = { wasm: late.wasm - early.wasm, heap: late.heap - early.heap };
    console.log(`after 300 runs ${shown(early)}, after 1,000 runs ${shown(late)}`);
    assert.ok(grown.wasm <= 256 * 1024, `wasm memory grew by ${grown.wasm} bytes in 700 runs`);
    assert.ok(grown.heap <= 256 * 1024, `the JavaScript heap grew by ${grown.heap} bytes in 700 runs`);
    assert.equal(simulator.socketCount(), 0, "no socket is left open");
  } finally {
    await browser.close();
    await server.close();
    await simulator.close();
  }
});

/**
 * Runs in the page.
 *
 * @param {{ url: string, rounds: number, runs: number, lanes: number }} how
 * @returns {Promise<Memory[]>} after each round
 */
async function runAndMeasure({ url, rounds, runs, lanes }) {
  const scope = /** @type {any} */ (globalThis);
  const [entry, modules] = ["/pkg/index.js", "/pkg/modules.js"];
  const { submit } = await import(entry);
  // Started already, it answers with its exports.
  const { memory } = (await import(modules)).client.glue.initSync();
  const measured = [];
  let count = 0;
  for (let round = 0; round < rounds; round += 1) {
    const lane = async () => {
      for (let index = 0; index < runs / lanes; index += 1) {
        const prompt = { 1: { class_type: "LabText", inputs: { text: `run ${(count += 1)}` } } };
        await submit(prompt, { serverUrl: url, wait: true, onEvent() {} });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    // What the collector finds is freed in the wasm by a finalizer, in a task of its own.
    for (let times = 0; times < 3; times += 1) {
      scope.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    measured.push({ wasm: memory.buffer.byteLength, heap: scope.performance.memory.usedJSHeapSize });
  }
  return measured;
}

/** @param {Memory} memory */
function shown({ wasm, heap }) {
  return `${Math.round(wasm / 1024)} KiB of wasm and ${Math.round(heap / 1024)} KiB of JavaScript`;
}

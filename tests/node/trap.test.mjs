// @ts-check
// A trap of the wasm in the middle of a run, in Node.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as slim from "comfyui-autoflow/slim";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { pkg } from "../../scripts/paths.mjs";
import { check, trapInTheMiddle } from "../trap/scenario.mjs";
import { trappable } from "../trap/trappable.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

test("a trap rejects what waits, later calls say so, and init() starts anew", async (t) => {
  /** @type {unknown[]} */
  const thrown = [];
  const note = (/** @type {unknown} */ error) => thrown.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  t.after(() => process.off("uncaughtException", note).off("unhandledRejection", note));
  const simulator = await startSimulator({ stepMs: 50, lab: true });
  try {
    await slim.init({ client: trappable("client"), converter: readFileSync(path.join(pkg, "converter.wasm")) });
    const modules = await import(path.join(pkg, "modules.js"));
    check(await trapInTheMiddle(slim, modules, simulator.url), assert);
    // Timers and sockets of the instance that trapped.
    await sleep(500);
    assert.deepEqual(thrown, []);
    assert.equal(simulator.socketCount(), 0, "no socket is left open");
  } finally {
    await simulator.close();
  }
});

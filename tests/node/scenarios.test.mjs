// @ts-check
// The scenarios on the built package, in Node.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { WebSocket } from "ws";
import { play, scenarios } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";
import { leftovers, watch } from "../scenarios/leftovers.mjs";
import { until } from "../scenarios/runs.mjs";
import { Simulators } from "../scenarios/simulators.mjs";

// Node 20 has none of its own. Runs without any socket are tested where environments are.
globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

watch();
const api = await import("comfyui-autoflow/workflow");
await load();
const simulators = new Simulators();
let failed = false;
after(async () => {
  await simulators.close();
  // What a failed scenario leaves behind would ask a closed server for ever.
  if (failed) setTimeout(() => process.exit(1), 2_000).unref();
});

describe("in Node", { concurrency: 8 }, () => {
  for (const { name } of scenarios) {
    test(name, { timeout: 60_000 }, async () => {
      try {
        await play(name, api, (id, method, args) => simulators.ask(id, method, args));
      } catch (error) {
        failed = true;
        throw error;
      }
    });
  }
});

// A process that has nothing left to do exits: that this file ends shows it as well.
test("after all of it no timer, socket or listener is left", async () => {
  await until(() => leftovers().length === 0, "nothing is left").catch(() => {});
  assert.deepEqual(leftovers(), []);
});

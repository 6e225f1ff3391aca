// @ts-check
// The scenarios on the built package, in Node.
import { after, describe, test } from "node:test";
import * as api from "comfyui-autoflow";
import { WebSocket } from "ws";
import { play, scenarios } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";
import { Simulators } from "../scenarios/simulators.mjs";

// Node 20 has none of its own. Runs without any socket are tested where environments are.
globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

await load();
const simulators = new Simulators();
after(() => simulators.close());

describe("in Node", { concurrency: 8 }, () => {
  for (const { name } of scenarios) {
    test(name, { timeout: 60_000 }, () => play(name, api, (id, method, args) => simulators.ask(id, method, args)));
  }
});

// @ts-check
// A trap of the wasm in the middle of a run, in a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { pkg, root } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";
import { check } from "../trap/scenario.mjs";
import { trappable } from "../trap/trappable.mjs";
import { launch, skip } from "./chromium.mjs";

test("a trap rejects what waits, later calls say so, and init() starts anew", { skip }, async () => {
  const simulator = await startSimulator({ cors: true, stepMs: 50, lab: true });
  const server = await serve({ "/pkg/": pkg, "/tests/": `${root}/tests` });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    /** @type {Error[]} */
    const thrown = [];
    page.on("pageerror", (error) => thrown.push(error));
    await page.route("**/trappable.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: trappable("client") }));
    await page.goto(`${server.url}/tests/browser/empty.html`);
    const outcome = await page.evaluate(async (serverUrl) => {
      const [entry, state, scenario] = ["/pkg/slim.js", "/pkg/modules.js", "/tests/trap/scenario.mjs"];
      const [slim, modules, { trapInTheMiddle }] = await Promise.all([import(entry), import(state), import(scenario)]);
      await slim.init({ client: "/trappable.wasm", converter: "/pkg/converter.wasm" });
      const outcome = await trapInTheMiddle(slim, modules, serverUrl);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return outcome;
    }, simulator.url);
    check(outcome, assert);
    assert.deepEqual(thrown, []);
    assert.equal(simulator.socketCount(), 0, "no socket is left open");
  } finally {
    await browser.close();
    await server.close();
    await simulator.close();
  }
});

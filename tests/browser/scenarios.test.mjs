// @ts-check
// The same scenarios on the built package, in a page of headless Chromium.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { pkg, root } from "../../scripts/paths.mjs";
import { scenarios } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";
import { until } from "../scenarios/runs.mjs";
import { Simulators } from "../scenarios/simulators.mjs";
import { launch, skip } from "./chromium.mjs";

await load();

describe("in a page", { skip }, () => {
  const simulators = new Simulators();
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {import("playwright-core").Page} */
  let page;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;

  before(async () => {
    server = await serve({ "/pkg/": pkg, "/tests/": `${root}/tests` });
    browser = await launch();
    page = await browser.newPage();
    page.on("console", (message) => console.log(`page: ${message.text()}`));
    await page.exposeFunction("askSimulator", simulators.ask.bind(simulators));
    await page.goto(`${server.url}/tests/browser/page.html`);
    await page.waitForFunction("globalThis.playScenario");
  });
  after(async () => {
    await browser?.close();
    await simulators.close();
    await server?.close();
  });

  describe("scenarios", { concurrency: 8 }, () => {
    for (const { name } of scenarios) {
      test(name, { timeout: 60_000 }, async () => {
        const failure = await page.evaluate((name) => /** @type {any} */ (globalThis).playScenario(name), name);
        if (failure) throw Object.assign(new Error(), { stack: failure });
      });
    }
  });

  test("after all of it no timer, socket or listener is left", async () => {
    const left = () => page.evaluate(() => /** @type {any} */ (globalThis).leftovers());
    await until(async () => (await left()).length === 0, "nothing is left").catch(() => {});
    assert.deepEqual(await left(), []);
  });
});

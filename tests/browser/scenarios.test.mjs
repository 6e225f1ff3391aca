// @ts-check
// The same scenarios on the built package, in a page of headless Chromium.
import { after, before, describe, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";
import { pkg, root } from "../../scripts/paths.mjs";
import { scenarios } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";
import { Simulators } from "../scenarios/simulators.mjs";
import { launch, skip } from "./chromium.mjs";

await load();

describe("in a page", { concurrency: 8, skip }, () => {
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

  for (const { name } of scenarios) {
    test(name, { timeout: 60_000 }, async () => {
      const failure = await page.evaluate((name) => /** @type {any} */ (globalThis).playScenario(name), name);
      if (failure) throw Object.assign(new Error(), { stack: failure });
    });
  }
});

// @ts-check
// Everybody can use the page: axe, keyboard, narrow windows.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { skip } from "../browser/chromium.mjs";
import { ended, openSmall, runToEnd, startPages, violations } from "./open-page.mjs";

describe("access to the demo page", { skip, concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof startPages>>} */
  let pages;
  /** @type {import("comfyui-autoflow/testing").Simulator} */
  let sim;
  before(async () => {
    pages = await startPages();
    sim = await startSimulator({ cors: true, stepMs: 0 });
  });
  after(async () => {
    await pages?.close();
    await sim?.close();
  });

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`axe finds nothing, ${colorScheme}: ready, done, every tab, the settings`, async (t) => {
      const page = await pages.open(t, sim.url, { colorScheme });
      await openSmall(page);
      assert.deepEqual(await violations(page), [], "ready");
      await runToEnd(page);
      await page.waitForSelector("#panel-results .card img");
      assert.deepEqual(await violations(page), [], "results");
      await page.click("#tab-nodes");
      await page.click("#panel-nodes .rows >> text=KSampler");
      assert.deepEqual(await violations(page), [], "nodes");
      await page.click("#tab-events");
      await page.click(".log-line >> nth=2");
      assert.deepEqual(await violations(page), [], "events");
      await page.click("#tab-runs");
      assert.deepEqual(await violations(page), [], "runs");
      await page.click("#server");
      assert.deepEqual(await violations(page), [], "settings");
    });
  }

  test("axe finds nothing while it runs, nor when it has failed", async (t) => {
    const slow = await startSimulator({ cors: true, stepMs: 1000 });
    t.after(() => slow.close());
    slow.faults.failNode({ classType: "KSampler", message: "no memory left", atStep: 4 });
    const page = await pages.open(t, slow.url);
    await openSmall(page);
    await page.click("#run");
    await page.waitForFunction(() => document.getElementById("bar-detail")?.textContent?.startsWith("KSampler, 1"));
    assert.deepEqual(await violations(page), [], "running");
    assert.equal(await ended(page), "Failed");
    await page.waitForSelector("#notice:not([hidden])");
    assert.deepEqual(await violations(page), [], "failed");
  });

  test("a run is started and watched without a mouse", async (t) => {
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await page.keyboard.press("Control+Enter");
    assert.equal(await ended(page), "Done");
    assert.match(await page.innerText("#announce"), /^Done/);
    await page.focus("#tab-results");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "tab-nodes");
    assert.equal(await page.isVisible("#panel-nodes"), true);
  });

  test("nothing sticks out of a narrow window", async (t) => {
    const page = await pages.open(t, sim.url, { viewport: { width: 340, height: 640 } });
    await openSmall(page);
    await runToEnd(page);
    for (const width of [340, 1200]) {
      await page.setViewportSize({ width, height: 640 });
      for (const tab of ["results", "nodes", "events", "runs", "server"]) {
        await page.click(`#tab-${tab}`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${tab}: ${wider} pixels too wide at ${width}`);
        const cut = await page.$eval(".tabs", (tabs) => tabs.scrollWidth - tabs.clientWidth);
        assert.ok(cut <= 0, `the tabs are ${cut} pixels too wide at ${width}`);
      }
    }
  });
});

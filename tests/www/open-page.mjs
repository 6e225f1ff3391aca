// @ts-check
// The built demo page in Chromium, and what tests do to it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { startSimulator } from "comfyui-autoflow/testing";
import { buildPage, page as built } from "../../scripts/page.mjs";
import { root } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";
import { launch } from "../browser/chromium.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/**
 * A simulator for one test, which pages may reach.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("comfyui-autoflow/testing").SimulatorOptions} [options]
 */
export async function simulator(t, options) {
  const sim = await startSimulator({ cors: true, stepMs: 0, ...options });
  t.after(() => sim.close());
  return sim;
}

/** One browser and one server for all tests of a file. */
export async function startPages() {
  await buildPage();
  const server = await serve({ "/": built });
  const browser = await launch();
  return {
    url: server.url,
    /**
     * @param {import("node:test").TestContext} t
     * @param {string} serverUrl of ComfyUI
     * @param {import("playwright-core").BrowserContextOptions} [options]
     */
    async open(t, serverUrl, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
      t.after(() => context.close());
      const page = await context.newPage();
      // Machines that build at the same time are slow.
      page.setDefaultTimeout(90_000);
      /** @type {Error[]} */
      const errors = [];
      page.on("pageerror", (error) => errors.push(error));
      t.after(() => {
        if (errors.length) throw errors[0];
      });
      await page.goto(`${server.url}/?server=${encodeURIComponent(serverUrl)}`);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** @typedef {import("playwright-core").Page} Page */

/** Waits until a run is over and tells how. @param {Page} page @returns {Promise<string>} */
export async function ended(page) {
  await page.waitForSelector('#bar:not([data-state="idle"],[data-state="submitting"],[data-state="queued"],[data-state="running"])');
  return page.innerText("#bar-title");
}

/** Starts the run and waits for its end. @param {Page} page */
export async function runToEnd(page) {
  await page.click("#run:not([disabled])");
  return ended(page);
}

/** An example's text. @param {string} name */
export function example(name) {
  return fs.readFileSync(path.join(root, "examples", name), "utf8");
}

/** The same with pictures so small that nobody has to wait for them. @param {string} name */
export function small(name) {
  const text = example(name);
  const changed = text.replace(/768(,\s+)512,/, "64$164,").replace(/(384|768)(,\s+)\1,/g, "64$264,");
  const result = changed.replace('"width": 512, "height": 512', '"width": 64, "height": 64');
  assert.notEqual(result, text);
  return result;
}

/** Opens the first example in small. @param {Page} page */
export async function openSmall(page) {
  await page.waitForSelector("#run:not([disabled])");
  await drop(page, "small.json", "application/json", small("text-to-image.workflow.json"));
  await opened(page, "small.json");
}

/** Waits until a file has been read. @param {Page} page @param {string} name */
export async function opened(page, name) {
  await page.waitForFunction((name) => document.getElementById("name")?.textContent === name, name);
}

/** What the nodes are doing, by their titles. @param {Page} page @returns {Promise<Record<string, string>>} */
export async function nodeStates(page) {
  await page.click("#tab-nodes");
  // What was changed is drawn with the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page.$$eval("#panel-nodes .rows button", (buttons) =>
    Object.fromEntries(
      buttons.map((button) => [
        button.querySelector(".grow")?.firstChild?.textContent ?? "",
        /** @type {HTMLElement} */ (button).dataset.state ?? "",
      ]),
    ),
  );
}

/**
 * Drops a file on the page.
 *
 * @param {Page} page @param {string} name @param {string} type @param {Buffer | string} content
 */
export async function drop(page, name, type, content) {
  const base64 = Buffer.from(content).toString("base64");
  await page.evaluate(
    ([name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name, { type }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, type, base64],
  );
}

/** What axe finds wrong, one line each. @param {Page} page @returns {Promise<string[]>} */
export async function violations(page) {
  // Not as a script of the page: those of extensions may not be added to.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(`${fs.readFileSync(axe, "utf8")}; undefined`);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run();
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help} ${nodes.map((/** @type {any} */ n) => n.html)}`);
  });
}

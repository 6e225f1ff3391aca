// @ts-check
// Opens pages in Chromium and waits for what came of the main job in them.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { launch, launchWithExtension, skip } from "../../browser/chromium.mjs";
import { Missing, within } from "./processes.mjs";

/** @typedef {import("./job.mjs").Outcome} Outcome */

/** @type {Promise<import("playwright-core").Browser> | undefined} */
let browser;

/**
 * Opens a page and waits until it sets `outcome`. What it complains of on the way is a failure: a package that works
 * leaves the console empty.
 *
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
export async function inChromium(url) {
  if (skip) throw new Missing(skip);
  browser ??= launch();
  const context = await (await browser).newContext();
  try {
    const page = await context.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("response", (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    const crashed = new Promise((_, reject) => page.once("pageerror", reject));
    const told = page
      .goto(url, { timeout: 0 })
      .then(() => page.waitForFunction(() => Reflect.get(globalThis, "outcome"), null, { timeout: 0 }));
    const late = () => new Error(`no outcome at ${url}\n${complaints.join("\n")}`);
    const handle = await within(Promise.race([told, crashed]), late);
    const outcome = await handle.jsonValue();
    if (!outcome.error && complaints.length) outcome.error = complaints.join("\n");
    return outcome;
  } finally {
    await context.close();
  }
}

/**
 * Loads an unpacked extension and starts the main job in its service worker.
 *
 * @param {string} folder
 * @param {string} serverUrl
 * @returns {Promise<Outcome>}
 */
export async function inExtension(folder, serverUrl) {
  if (skip) throw new Missing(skip);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "comfyui-autoflow-"));
  const context = await launchWithExtension(folder, profile);
  try {
    const late = () => new Error("the service worker of the extension did not start or load its modules");
    const started = () => within(context.waitForEvent("serviceworker", { timeout: 0 }), late, 60_000);
    const worker = context.serviceWorkers()[0] ?? (await started());
    // Not before its modules have run.
    const start = async () => {
      for (;;) {
        const ready = await worker.evaluate(() => typeof Reflect.get(globalThis, "start") === "function");
        if (ready) return worker.evaluate((url) => Reflect.get(globalThis, "start")(url), serverUrl);
      }
    };
    return await within(start(), late, 60_000);
  } finally {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

/**
 * Loads an unpacked extension and opens a page, in which its content script runs the main job.
 *
 * @param {string} folder
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
export async function inContentScript(folder, url) {
  if (skip) throw new Missing(skip);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "comfyui-autoflow-"));
  const context = await launchWithExtension(folder, profile);
  try {
    const page = await context.newPage();
    await page.goto(url);
    const outcome = page.waitForFunction(() => document.documentElement.dataset.outcome, null, { timeout: 0 });
    const handle = await within(outcome, () => new Error(`no outcome of the content script at ${url}`), 60_000);
    return JSON.parse((await handle.jsonValue()) ?? "{}");
  } finally {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

export async function closeChromium() {
  await (await browser)?.close();
}

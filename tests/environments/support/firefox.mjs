// @ts-check
// Opens pages in headless Firefox, which speaks WebDriver BiDi by itself: no driver is needed.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import { firefox } from "../../../scripts/tools.mjs";
import { Missing, Program, freePort, within } from "./processes.mjs";

/** @typedef {import("./job.mjs").Outcome} Outcome */

/** A closed network answers these with delays. */
const PREFERENCES = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("media.gmp-manager.updateEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.server", "data:,");
`;

/**
 * Opens a page in a fresh profile and waits until it sets `outcome`.
 *
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
export async function inFirefox(url) {
  const found = await firefox();
  if ("missing" in found) throw new Missing(found.missing);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "comfyui-autoflow-"));
  fs.writeFileSync(path.join(profile, "user.js"), PREFERENCES);
  const port = await freePort();
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", `${port}`];
  const browser = new Program(found.path, args, profile);
  try {
    await browser.listens(port);
    return await within(open(`ws://127.0.0.1:${port}/session`, url), () => browser.failure(`has no outcome of ${url}`));
  } finally {
    await browser.stop();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @param {string} address of the browser
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
async function open(address, url) {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  /** @type {Map<number, (answer: any) => void>} */
  const waiting = new Map();
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    waiting.get(message.id)?.(message);
  });
  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  const ask = async (method, params) => {
    const id = waiting.size + 1;
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { type, result, message } = await /** @type {Promise<any>} */ (answer);
    if (type !== "success") throw new Error(`${method}: ${message}`);
    return result;
  };
  try {
    await ask("session.new", { capabilities: {} });
    const { contexts } = await ask("browsingContext.getTree", {});
    const { context } = contexts[0];
    await ask("browsingContext.navigate", { context, url, wait: "complete" });
    const { result, exceptionDetails } = await ask("script.evaluate", {
      target: { context },
      awaitPromise: true,
      expression: `new Promise((resolve) => {
        const look = () => globalThis.outcome ? resolve(JSON.stringify(globalThis.outcome)) : setTimeout(look, 20);
        look();
      })`,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  } finally {
    socket.close();
  }
}

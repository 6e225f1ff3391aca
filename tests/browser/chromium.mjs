// @ts-check
// Starts headless Chromium for tests.
import { chromium } from "playwright-core";
import { chromium as findChromium } from "../../scripts/tools.mjs";

/** Without them it asks the network for updates and the like, which a closed network answers with delays. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const found = await findChromium();

/** Why there is no browser to test in, for `test(…, { skip })`; false where there is one. */
export const skip = "missing" in found ? found.missing : false;

/** @returns {string} */
function executable() {
  if ("missing" in found) throw new Error(found.missing);
  return found.path;
}

/**
 * @param {string[]} [more] flags
 * @returns {Promise<import("playwright-core").Browser>} with a fresh profile
 */
export async function launch(more = []) {
  return chromium.launch({ executablePath: executable(), args: [...FLAGS, ...more] });
}

/**
 * @param {string} folder of an unpacked extension
 * @param {string} profile an empty folder
 * @returns {Promise<import("playwright-core").BrowserContext>}
 */
export async function launchWithExtension(folder, profile) {
  return chromium.launchPersistentContext(profile, {
    executablePath: executable(),
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [...FLAGS, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`],
  });
}

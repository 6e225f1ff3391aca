// @ts-check
// Opens pages in WebKit, the engine of Safari, through its own driver.
import { webkit } from "../../../scripts/tools.mjs";
import { Missing, Program, freePort, within } from "./processes.mjs";

/** @typedef {import("./job.mjs").Outcome} Outcome */

/**
 * Opens a page in a fresh session and waits until it sets `outcome`.
 *
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
export async function inWebKit(url) {
  const found = await webkit();
  if ("missing" in found) throw new Missing(found.missing);
  const port = await freePort();
  const driver = new Program("xvfb-run", ["--auto-servernum", found.path, "--host=127.0.0.1", `--port=${port}`], ".");
  try {
    await driver.listens(port);
    return await within(open(`http://127.0.0.1:${port}`, url), () => driver.failure(`has no outcome of ${url}`));
  } finally {
    await driver.stop();
  }
}

/**
 * @param {string} driver
 * @param {string} url
 * @returns {Promise<Outcome>}
 */
async function open(driver, url) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  const ask = async (method, path, body) => {
    const response = await fetch(`${driver}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const { sessionId } = await ask("POST", "/session", { capabilities: {} });
  const session = `/session/${sessionId}`;
  try {
    await ask("POST", `${session}/timeouts`, { script: 300_000 });
    await ask("POST", `${session}/url`, { url });
    const script = `
      const [done] = arguments;
      const look = () => globalThis.outcome ? done(JSON.stringify(globalThis.outcome)) : setTimeout(look, 20);
      look();`;
    return JSON.parse(await ask("POST", `${session}/execute/async`, { script, args: [] }));
  } finally {
    await ask("DELETE", session);
  }
}

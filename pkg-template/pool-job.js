// @ts-check
// A job of a `ComfyPool`: its client, its options, and what its errors mean.
import { ComfyError } from "./boundary.js";
import { checkOptions } from "./check-options.js";
import { ComfyClient } from "./comfy-client.js";

/** How a job ended, as the numbers of `PoolMachine.step`. */
export const ENDINGS = { settled: 0, unreachable: 1, unauthorized: 2 };

/** Errors after which a job may be called again on another server. @type {Record<string, number>} */
export const PASSING = {
  network: ENDINGS.unreachable,
  no_server: ENDINGS.unreachable,
  unauthorized: ENDINGS.unauthorized,
  forbidden_origin: ENDINGS.unauthorized,
};

/** What a proxy answers in place of a server that it does not reach. */
const GATEWAY = [502, 503, 504];

/** @param {any} error @returns {number | undefined} an ending, where another server may take the job */
export function passing(error) {
  if (!(error instanceof ComfyError)) return undefined;
  const { code, status } = /** @type {any} */ (error);
  return code === "http" && GATEWAY.includes(status) ? ENDINGS.unreachable : PASSING[code];
}

const OPTIONS = { where: "function", priority: "number", signal: "signal" };

/** The client of one job, which notes whether a server may have one of the job's prompts. */
export class JobClient extends ComfyClient {
  taken = false;

  /** @param {any} prompt @param {any} [options] @returns {Promise<any>} */
  async submit(prompt, options) {
    try {
      const run = await super.submit(prompt, options);
      this.taken = true;
      return run;
    } catch (error) {
      if (!(error instanceof ComfyError) || /** @type {any} */ (error).taken !== false) this.taken = true;
      throw error;
    }
  }
}

/**
 * The options of a server with a `fetch` that tells of requests that were not answered, or by a proxy in its place.
 *
 * @param {any} options
 * @param {() => void} suspect
 */
export function watched(options, suspect) {
  const ask = options.fetch ?? globalThis.fetch;
  if (typeof ask !== "function") return options;
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    try {
      const response = await ask.call(globalThis, url, init);
      if (GATEWAY.includes(response?.status)) suspect();
      return response;
    } catch (error) {
      suspect();
      throw error;
    }
  };
  return { ...options, fetch };
}

/**
 * @param {string} call
 * @param {unknown} work
 * @param {unknown} options
 * @returns {any}
 */
export function checkJob(call, work, options) {
  if (typeof work === "function") return checkOptions(call, options, OPTIONS);
  throw new ComfyError("bad_input", "pool.run wants a function that gets a ComfyClient: (comfy) => comfy.submit(prompt).");
}

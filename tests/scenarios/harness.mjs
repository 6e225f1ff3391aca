// @ts-check
// What a scenario is written with. Scenarios run in Node and in a browser, so nothing here belongs to one of them.

/**
 * @typedef {typeof import("comfyui-autoflow/workflow")} Api the built package
 *
 * @typedef {import("comfyui-autoflow/testing").RequestNote} RequestNote
 * @typedef {import("comfyui-autoflow/testing").FrameNote} FrameNote
 * @typedef {{ url: string, close(): Promise<void>, requests(): Promise<RequestNote[]>, frames(): Promise<FrameNote[]> }
 *   & Record<string, (...args: any[]) => Promise<any>>} Server
 *   A running simulator. It lives in Node; calling a method of it, or a property as if it were one, asks it there:
 *   `await server.requests()`, `await server["faults.muteSocket"]({ at: 3 })`. Arguments and results are plain values;
 *   bytes for `sendFrame` are written `{ bytes: [0, 0, 0, 1] }`.
 *
 * @typedef {{ start(options?: Record<string, unknown>): Promise<Server> }} Sim
 * @typedef {(api: Api, sim: Sim) => Promise<void>} Body
 */

/** @type {{ name: string, body: Body }[]} */
export const scenarios = [];

/**
 * Declares a scenario. Each starts its own simulators, which are stopped at its end; several run at the same time.
 *
 * @param {string} name the rule that holds
 * @param {Body} body
 */
export function scenario(name, body) {
  scenarios.push({ name, body });
}

/**
 * Runs a scenario with simulators that are reached through `ask`.
 *
 * @param {string} name
 * @param {Api} api
 * @param {(id: number | null, name: string, args: unknown[]) => Promise<any>} ask
 */
export async function play(name, api, ask) {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no scenario is called ${name}`);
  /** @type {Server[]} */
  const started = [];
  /** @type {Sim} */
  const sim = {
    async start(options = {}) {
      const { id, url } = await ask(null, "start", [options]);
      /** @type {any} */
      const own = { url, then: undefined };
      const server = new Proxy(own, {
        get: (target, key) =>
          key in target ? target[key] : (/** @type {unknown[]} */ ...args) => ask(id, String(key), args),
      });
      started.push(server);
      return server;
    },
  };
  try {
    await found.body(api, sim);
  } finally {
    await Promise.all(started.map((server) => server.close()));
  }
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function ok(condition, message) {
  if (!condition) throw new Error(message);
}

/**
 * @param {unknown} actual
 * @param {unknown} expected compared as JSON, the order of keys ignored
 * @param {string} [message]
 */
export function equal(actual, expected, message = "the values differ") {
  const [a, e] = [canonical(actual), canonical(expected)];
  if (a !== e) throw new Error(`${message}\n  actual:   ${a}\n  expected: ${e}`);
}

/**
 * @param {string} actual
 * @param {RegExp} pattern
 */
export function match(actual, pattern) {
  if (!pattern.test(actual)) throw new Error(`${JSON.stringify(actual)} does not match ${pattern}`);
}

/**
 * Awaits the failure of a call, which must have these properties; a pattern is matched.
 *
 * @param {PromiseLike<unknown> | (() => unknown)} call
 * @param {Record<string, unknown>} [expected]
 * @returns {Promise<any>} the error
 */
export async function rejects(call, expected = {}) {
  /** @type {unknown} */
  let result;
  try {
    result = await (typeof call === "function" ? call() : call);
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    for (const [key, value] of Object.entries(expected)) {
      if (value instanceof RegExp) match(String(error[key]), value);
      else equal(error[key], value, `${key} of ${error}`);
    }
    return error;
  }
  throw new Error(`did not fail but gave ${canonical(result).slice(0, 200)}`);
}

/** @param {unknown} value */
function canonical(value) {
  const sorted = (/** @type {string} */ _key, /** @type {any} */ item) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return JSON.stringify(value, sorted) ?? String(value);
}

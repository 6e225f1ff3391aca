// @ts-check
// Loads the wasm, once for all entries, and knows whether it is there.
import { ComfyError } from "./boundary.js";
import load, { initSync } from "./comfyui_autoflow.js";

/** @typedef {string | URL | Response | BufferSource | WebAssembly.Module} WasmSource */

let ready = false;
/** Why the wasm of this entry does not run. @type {unknown} */
let refused;

/**
 * For the entries that carry the wasm: ready before the import returns. Where it may not run, the first call says so: an
 * import that throws would take the page's own code with it.
 *
 * @param {BufferSource | WebAssembly.Module} module
 */
export function start(module) {
  if (ready) return;
  try {
    initSync({ module });
    ready = true;
  } catch (error) {
    refused = error;
  }
}

/**
 * Loads the wasm where the entry does not carry it. Calling again is free; after a failure it can be tried again.
 *
 * @param {WasmSource | Promise<WasmSource>} [source]
 * @returns {Promise<void>}
 */
export async function init(source) {
  if (ready) return;
  const given = await source;
  if (given === undefined || given === null) {
    if (refused) throw unfit("The wasm", refused);
    throw new ComfyError(
      "bad_input",
      "init() of comfyui-autoflow/slim needs the wasm: a URL, a Response, bytes or a WebAssembly.Module of " +
        'comfyui-autoflow/comfyui_autoflow.wasm. Or import "comfyui-autoflow", which carries it.',
    );
  }
  const isUrl = typeof given === "string" || given instanceof URL;
  const opened = isUrl ? await open(given) : given;
  const response = typeof Response === "function" && opened instanceof Response ? opened : undefined;
  const url = isUrl ? given : response?.url;
  const name = url ? `"${url}"` : "What init() was given";
  if (response) check(response, name);
  try {
    await load({ module_or_path: opened });
  } catch (error) {
    throw unfit(name, error);
  }
  ready = true;
}

/** @param {string | URL} url */
async function open(url) {
  const text = String(url);
  try {
    // Node's fetch refuses file: URLs; a static import of node:fs would break bundles for the browser.
    const fs = text.startsWith("file:") ? globalThis.process?.getBuiltinModule?.("node:fs/promises") : undefined;
    return await (fs ? fs.readFile(new URL(text)) : fetch(text));
  } catch (cause) {
    throw new ComfyError("network", `"${text}" cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

/**
 * Many servers answer a wrong address with their page, which compiles as little as an error does.
 *
 * @param {Response} response
 * @param {string} name
 */
function check({ ok, status, headers }, name) {
  const advice = "is the file among those served?";
  if (!ok) throw new ComfyError("http", `${name} answered with status ${status}: ${advice}`, { status });
  const type = headers.get("content-type")?.split(";")[0].trim() ?? "";
  if (type === "text/html") throw new ComfyError("bad_input", `${name} answered with ${type}, not wasm: ${advice}`);
}

/**
 * @param {string} name
 * @param {unknown} cause
 */
function unfit(name, cause) {
  const said = messageOf(cause);
  // Each browser has words of its own, and none names the way out.
  const message = /content.security.policy|\bCSP\b|unsafe-eval/i.test(said)
    ? "The Content-Security-Policy of this page lets no WebAssembly run: add 'wasm-unsafe-eval' to its script-src."
    : `${name} does not run as comfyui_autoflow.wasm of this version: ${said}.`;
  return new ComfyError("bad_input", message, { cause });
}

/** @param {unknown} error */
function messageOf(error) {
  return String(/** @type {any} */ (error)?.message ?? error);
}

/** @param {string} name */
function tooEarly(name) {
  if (refused) return unfit("The wasm", refused);
  return new ComfyError(
    "bad_input",
    `${name} was called before the wasm was loaded: await init("…/comfyui_autoflow.wasm") first, or import ` +
      '"comfyui-autoflow" instead of "comfyui-autoflow/slim".',
  );
}

/**
 * The same function, which says what to do when it is called too early: one that returns a promise rejects it.
 *
 * @template {(...args: never[]) => unknown} F
 * @param {string} name
 * @param {F} call
 * @param {{ promises?: boolean }} [what]
 * @returns {F}
 */
export function whenReady(name, call, { promises = false } = {}) {
  return /** @type {F} */ (
    function (/** @type {never[]} */ ...args) {
      if (ready) return Reflect.apply(call, this, args);
      if (promises) return Promise.reject(tooEarly(name));
      throw tooEarly(name);
    }
  );
}

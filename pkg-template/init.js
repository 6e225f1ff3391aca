// @ts-check
// Loads the wasm, once for all entries, and knows whether it is there.
import load, { initSync } from "./comfyui_autoflow.js";

/** @typedef {string | URL | Response | BufferSource | WebAssembly.Module} WasmSource */

let ready = false;

/**
 * For the entries that carry the wasm: ready before the import returns.
 *
 * @param {BufferSource | WebAssembly.Module} module
 */
export function start(module) {
  if (!ready) initSync({ module });
  ready = true;
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
    throw new TypeError(
      "init() of comfyui-autoflow/slim needs the wasm: a URL, a Response, bytes or a WebAssembly.Module of " +
        'comfyui-autoflow/comfyui_autoflow.wasm. Or import "comfyui-autoflow", which carries it.',
    );
  }
  await load({ module_or_path: typeof given === "string" || given instanceof URL ? open(given) : given });
  ready = true;
}

/** @param {string | URL} url */
async function open(url) {
  const text = String(url);
  // Node's fetch refuses file: URLs; a static import of node:fs would break bundles for the browser.
  const fs = text.startsWith("file:") ? globalThis.process?.getBuiltinModule?.("node:fs/promises") : undefined;
  return fs ? fs.readFile(new URL(text)) : fetch(text);
}

/**
 * The same function, which says what to do when it is called too early.
 *
 * @template {(...args: never[]) => unknown} F
 * @param {string} name
 * @param {F} call
 * @returns {F}
 */
export function whenReady(name, call) {
  return /** @type {F} */ (
    function (/** @type {never[]} */ ...args) {
      if (ready) return Reflect.apply(call, this, args);
      throw new Error(
        `${name} was called before the wasm was loaded: await init("…/comfyui_autoflow.wasm") first, or import ` +
          '"comfyui-autoflow" instead of "comfyui-autoflow/slim".',
      );
    }
  );
}

// @ts-check
// The public names, the same for every entry.
import * as wasm from "./comfyui_autoflow.js";
import { whenReady } from "./init.js";

export { ComfyError } from "./boundary.js";
export { ApiFlow, ObjectInfo, ResultFile, Submission, Workflow } from "./comfyui_autoflow.js";
export { init } from "./init.js";

const promises = { promises: true };

// The classes themselves are exported, so that instanceof holds for what the wasm returns; the ways in are guarded.
wasm.Workflow.load = whenReady("Workflow.load", wasm.Workflow.load, promises);
wasm.ObjectInfo.from = whenReady("ObjectInfo.from", wasm.ObjectInfo.from);
wasm.ObjectInfo.fetch = whenReady("ObjectInfo.fetch", wasm.ObjectInfo.fetch, promises);
wasm.Submission.fromPromptId = whenReady("Submission.fromPromptId", wasm.Submission.fromPromptId);

export const convert = whenReady("convert", wasm.convert);
export const submit = whenReady("submit", wasm.submit, promises);
export const progressPrinter = whenReady("progressPrinter", wasm.progressPrinter);
export const chainCallbacks = whenReady("chainCallbacks", wasm.chainCallbacks);
export const uploadImage = whenReady("uploadImage", wasm.uploadImage, promises);
export const uploadMask = whenReady("uploadMask", wasm.uploadMask, promises);

// What `console.log` of Node, Deno and Bun shows: without it, where the object lies in the wasm's memory.
inspectable(wasm.ApiFlow, ["prompt", "warnings", "dropped"]);
inspectable(wasm.ObjectInfo, ["text"]);
inspectable(wasm.ResultFile, ["filename", "subfolder", "type", "kind", "key", "nodeId", "mimeType", "url"]);
inspectable(wasm.Submission, ["promptId", "clientId", "serverUrl", "status", "number", "nodeErrors", "outputs"]);

/**
 * @param {{ name: string, prototype: object }} type
 * @param {string[]} names of its getters
 */
function inspectable({ name, prototype }, names) {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(/** @type {number} */ depth, /** @type {object} */ options, /** @type {Function} */ inspect) {
      // The prototype itself, or an instance that was freed.
      if (!this.__wbg_ptr) return name;
      const shown = Object.fromEntries(names.map((key) => [key, shortened(this[key])]));
      return `${name} ${inspect(shown, { ...options, depth })}`;
    },
  });
}

/**
 * An object info has megabytes of text.
 *
 * @param {unknown} value
 */
function shortened(value) {
  return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}…` : value;
}

// @ts-check
// Callbacks of the caller.
import { ComfyError } from "./comfy-error.js";

/**
 * Calls a callback. What it throws, or its promise rejects with, is reported and stops nothing: an unhandled rejection
 * would end a Node process.
 *
 * @param {(event: any) => unknown} callback
 * @param {any} event
 */
export function notify(callback, event) {
  try {
    const returned = /** @type {any} */ (callback(event));
    if (typeof returned?.then === "function") returned.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** @param {unknown} error */
export function report(error) {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}

/** @param {...(((event: any) => unknown) | null | undefined)} callbacks */
export function chainCallbacks(...callbacks) {
  const chain = callbacks.filter((callback) => callback !== null && callback !== undefined);
  if (!chain.every((callback) => typeof callback === "function")) {
    throw new ComfyError("bad_input", "chainCallbacks takes functions, null and undefined.");
  }
  return (/** @type {any} */ event) => {
    for (const callback of chain) notify(/** @type {any} */ (callback), event);
  };
}

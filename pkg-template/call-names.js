// @ts-check
// Calls that are made of others: an error names the call that was made.
import { ComfyError } from "./comfy-error.js";

/**
 * Makes a call whose errors about its arguments and options name another one.
 *
 * @template T
 * @param {string} name of the call that was made
 * @param {string} inner the name that the errors have
 * @param {() => T} call
 * @returns {T}
 */
export function callAs(name, inner, call) {
  const fail = (/** @type {unknown} */ error) => {
    throw renamed(error, name, inner);
  };
  try {
    const result = /** @type {any} */ (call());
    return typeof result?.then === "function" ? result.then(undefined, fail) : result;
  } catch (error) {
    return fail(error);
  }
}

/**
 * @param {unknown} error
 * @param {string} name
 * @param {string} inner
 */
function renamed(error, name, inner) {
  const isOfCall = error instanceof ComfyError && (error.code === "bad_input" || error.code === "no_server");
  if (!isOfCall || !error.summary.includes(inner)) return error;
  const { code, summary, message, ...details } = error;
  return new ComfyError(code, summary.replace(inner, name), details, message.slice(summary.length + 1));
}

// @ts-check
// Arguments as they are at the call, which may read them later.
import { ApiFlow } from "./client.js";
import { parse, stringify } from "./exact-numbers.js";

/** A prompt. What cannot be copied is left to the call, which says what is wrong with it. @param {any} prompt */
export function promptNow(prompt) {
  if (prompt instanceof ApiFlow) return /** @type {any} */ (prompt).clone();
  try {
    return isPlain(prompt) ? parse(stringify(prompt)) : prompt;
  } catch {
    return prompt;
  }
}

/**
 * What a workflow is loaded from: a plain object as JSON text, which it is read as anyhow. Bytes are not copied: they may be a
 * film.
 *
 * @param {any} source
 */
export function sourceNow(source) {
  try {
    return isPlain(source) ? stringify(source) : source;
  } catch {
    return source;
  }
}

/** Bytes as a copy; what is none as it is. @param {any} value */
export function bytesNow(value) {
  const isBytes = value instanceof ArrayBuffer || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return isBytes ? /** @type {any} */ (value).slice() : value;
}

/** @param {any} value */
function isPlain(value) {
  if (value === null || typeof value !== "object" || "then" in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

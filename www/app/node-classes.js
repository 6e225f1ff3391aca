// @ts-check
// Node classes of a server. A server may send anything, so everything that the page reads is checked here.
import { parseLenient } from "./json-numbers.js";

/**
 * @typedef {[type: unknown, options?: Record<string, any>]} InputSpec
 *
 * @typedef {object} NodeClass
 * @property {string} [title]
 * @property {unknown[]} outputs types
 * @property {unknown[]} outputNames
 * @property {Map<string, InputSpec>} inputs required and optional ones
 */

/** @typedef {Map<string, NodeClass>} NodeClasses */

/** @param {string} text of `/object_info` @returns {NodeClasses} */
export function readClasses(text) {
  try {
    return new Map(Object.entries(object(parseLenient(text))).map(([name, info]) => [name, nodeClass(object(info))]));
  } catch {
    return new Map();
  }
}

/** @param {Record<string, any>} info @returns {NodeClass} */
function nodeClass(info) {
  const { required, optional } = object(info.input);
  const specs = [...Object.entries(object(required)), ...Object.entries(object(optional))];
  return {
    title: typeof info.display_name === "string" ? info.display_name : undefined,
    outputs: list(info.output),
    outputNames: list(info.output_name),
    inputs: new Map(specs.filter(([, spec]) => Array.isArray(spec)).map(([name, [type, options]]) => [name, [type, object(options)]])),
  };
}

/** @param {unknown} value @returns {Record<string, any>} */
function object(value) {
  return value && typeof value === "object" && !Array.isArray(value) ? value : {};
}

/** @param {unknown} value @returns {unknown[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}

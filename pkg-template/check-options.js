// @ts-check
// Options of calls that are written in JavaScript: the same rules and messages as in Rust (`OptionReader`).
import { nearestName } from "./client.js";
import { ComfyError } from "./comfy-error.js";

/** @type {Record<string, [wanted: string, fits: (value: any) => boolean]>} */
const KINDS = {
  flag: ["true or false", (value) => typeof value === "boolean"],
  number: ["a number", (value) => typeof value === "number" && !Number.isNaN(value)],
  whole: ["a whole number from 0 on", (value) => Number.isInteger(value) && value >= 0],
  milliseconds: ["a number of milliseconds", (value) => typeof value === "number" && value >= 0],
  function: ["a function", (value) => typeof value === "function"],
  signal: [
    "an AbortSignal, such as new AbortController().signal",
    (value) => typeof Object(value).addEventListener === "function",
  ],
};

/**
 * The options of a call, those without a value left out.
 *
 * @param {string} call
 * @param {any} options
 * @param {Record<string, string>} known names, and what kind of value each has
 * @returns {any}
 */
export function checkOptions(call, options, known) {
  if (options === undefined || options === null) return {};
  const [example] = Object.keys(known);
  if (typeof options !== "object" || Array.isArray(options)) {
    throw new ComfyError("bad_input", `The options of ${call} must be an object, such as { ${example} }.`);
  }
  /** @type {any} */
  const found = {};
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) throw unknownOption(call, name, Object.keys(known));
    if (value === undefined || value === null) continue;
    const [wanted, fits] = KINDS[known[name]];
    if (!fits(value)) {
      throw new ComfyError("bad_input", `The option ${name} of ${call} must be ${wanted}.`, {
        hint: { option: name, advice: "correct_option" },
      });
    }
    found[name] = value;
  }
  return found;
}

/**
 * @param {string} call
 * @param {string} name
 * @param {string[]} known
 */
function unknownOption(call, name, known) {
  const meant = nearestName(name, known);
  const hint = meant ? { option: meant, advice: "rename_option" } : { option: name, advice: "remove_option" };
  return new ComfyError("bad_input", `${call} has no option ${name}.`, { hint }, meant && `Did you mean ${meant}?`);
}

/**
 * An argument that must be a text.
 *
 * @param {string} call
 * @param {unknown} value
 * @param {string} what
 * @returns {string}
 */
export function textOf(call, value, what) {
  if (typeof value === "string" && value) return value;
  throw new ComfyError("bad_input", `${call} wants ${what}.`, { hint: { advice: "correct_argument" } });
}

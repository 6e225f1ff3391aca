// @ts-check
// `ApiFlow`, the part in JavaScript: inputs by name, seeds, copies, and the server that a prompt was loaded with, which
// `api.submit()` and `api.upload()` use by default.
import * as glue from "./client.js";
import { ComfyError } from "./comfy-error.js";
import { parse, stringify } from "./exact-numbers.js";
import { inputAt, newSeed, seedsOf, setInput } from "./prompt-inputs.js";
import { isElsewhere, withOwn } from "./server-options.js";
import { uploadable } from "./upload-source.js";

/**
 * @typedef {object} Owner
 * @property {any} server options that say how to reach it
 * @property {((api: any, options: any) => Promise<any>) | undefined} [submit] in place of the prompt's own
 */

/** @type {WeakMap<object, Owner>} */
const owners = new WeakMap();

const { submit, upload, withPrompt } = /** @type {any} */ (glue.ApiFlow.prototype);

/**
 * @template {object} T
 * @param {T} api
 * @param {Owner} owner
 * @returns {T}
 */
export function own(api, owner) {
  owners.set(api, owner);
  return api;
}

/**
 * Sends a prompt, however it is owned.
 *
 * @param {any} api
 * @param {any} options
 * @returns {Promise<any>}
 */
export function submitFlow(api, options) {
  return submit.call(api, options);
}

Object.assign(glue.ApiFlow.prototype, {
  /** @this {any} @param {any} [options] */
  submit(options) {
    const owner = owners.get(this);
    if (owner?.submit && !isElsewhere(options, owner.server)) return owner.submit(this, options);
    return submit.call(this, withOwn(options, owner?.server ?? {}));
  },
  /** @this {any} @param {any} file @param {any} [options] */
  upload(file, options) {
    const send = (/** @type {any} */ file, /** @type {any} */ options) => upload.call(this, file, options);
    return uploadable("upload", file, withOwn(options, owners.get(this)?.server ?? {}), send);
  },
  /** @this {any} */
  clone() {
    const copy = withPrompt.call(this, copyOf(this.prompt));
    const owner = owners.get(this);
    return owner ? own(copy, owner) : copy;
  },
  /** @this {any} @param {any} path @param {any} value */
  set(path, value) {
    if (typeof path !== "string") throw wrong('set wants a path to an input, such as "KSampler.seed", and a value.');
    if (typeof value?.then === "function") throw wrong("The value of set is a promise; put `await` before it.");
    if (value === undefined || typeof value === "function" || typeof value === "bigint" || typeof value === "symbol") {
      throw wrong(`The value of set must be what JSON can hold, not ${typeof value}.`);
    }
    const { prompt } = this;
    setInput(prompt, inputAt(prompt, path), value);
  },
  /** @this {any} */
  seeds() {
    return seedsOf(this.prompt);
  },
  /** @this {any} @param {any} [value] */
  seed(value) {
    const isWhole = Number.isSafeInteger(value) && value >= 0;
    if (value !== undefined && value !== null && !isWhole) {
      throw wrong("seed wants a whole number from 0 to 2^53 - 1, or nothing for new seeds.");
    }
    const { prompt } = this;
    return seedsOf(prompt).map(({ node, input }) => {
      const seed = { node, input, value: isWhole ? value : newSeed() };
      setInput(prompt, seed, seed.value);
      return seed;
    });
  },
});

/** @param {string} message */
function wrong(message) {
  return new ComfyError("bad_input", message, { hint: { advice: "correct_argument" } });
}

/** @param {object} prompt */
function copyOf(prompt) {
  try {
    return parse(stringify(prompt));
  } catch (cause) {
    throw new ComfyError("bad_input", "The prompt cannot be written as JSON: it has a cycle or a BigInt.", { cause });
  }
}

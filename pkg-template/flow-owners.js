// @ts-check
// Which server a prompt was loaded with: that stands in where `api.submit()` and `api.upload()` name none.
import * as glue from "./client.js";
import { isElsewhere, withOwn } from "./server-options.js";
import { uploadable } from "./upload-source.js";

/**
 * @typedef {object} Owner
 * @property {any} server options that say how to reach it
 * @property {((api: any, options: any) => Promise<any>) | undefined} [submit] in place of the prompt's own
 */

/** @type {WeakMap<object, Owner>} */
const owners = new WeakMap();

const { clone, submit, upload } = /** @type {any} */ (glue.ApiFlow.prototype);

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
    return uploadable(file, withOwn(options, owners.get(this)?.server ?? {}), send);
  },
  /** @this {any} */
  clone() {
    const copy = clone.call(this);
    const owner = owners.get(this);
    return owner ? own(copy, owner) : copy;
  },
});

// @ts-check
// Answers in the form of aiohttp.
import { dumps } from "../python/json.js";

/** An answer that aiohttp raises as an exception: it lacks the CORS headers. */
export class HttpError extends Error {
  /** @param {number} status @param {string} text @param {Record<string, string>} [headers] */
  constructor(status, text, headers = {}) {
    super(text);
    this.answer = { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body: text };
  }
}

/** The answer of the static file route to an unknown path. @returns {Answer} */
export function notFound() {
  return { status: 404, headers: { "Content-Type": "application/octet-stream" }, body: "" };
}

export const serverError = () => new HttpError(500, "500 Internal Server Error\n\nServer got itself in trouble");

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {string | Uint8Array} body
 */

/** @param {any} value @param {number} [status] @returns {Answer} */
export function json(value, status = 200) {
  return { status, headers: { "Content-Type": "application/json; charset=utf-8" }, body: dumps(value) };
}

/** @param {number} status @returns {Answer} */
export function empty(status) {
  return { status, headers: {}, body: "" };
}

/** @param {Uint8Array} body @param {string} type @param {Record<string, string>} [headers] @returns {Answer} */
export function bytes(body, type, headers = {}) {
  return { status: 200, headers: { "Content-Type": type, ...headers }, body };
}

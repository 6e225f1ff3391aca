// @ts-check
// Requests and answers as aiohttp shapes them.
import { Buffer } from "node:buffer";
import { dumps, loads } from "./json.js";

/** An answer that aiohttp raises instead of returning: it passes by the CORS headers. */
export class Raised extends Error {
  /** @param {number} status @param {string} text @param {Record<string, string>} [headers] */
  constructor(status, text, headers = {}) {
    super(text);
    this.answer = { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body: text };
  }
}

/** What the static file route says to a GET that nothing else takes. @returns {Answer} */
export function notFound() {
  return { status: 404, headers: { "Content-Type": "application/octet-stream" }, body: "" };
}

export const serverError = () => new Raised(500, "500 Internal Server Error\n\nServer got itself in trouble");

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

export class Request {
  /** @param {import("node:http").IncomingMessage} incoming @param {string} basePath */
  constructor(incoming, basePath) {
    this.incoming = incoming;
    this.method = incoming.method ?? "GET";
    this.url = incoming.url ?? "/";
    this.headers = incoming.headers;
    this.at = Date.now();
    const [pathname, query = ""] = this.url.split(/\?(.*)/s);
    this.query = new URLSearchParams(query);
    const inside = basePath === "" || pathname === basePath || pathname.startsWith(`${basePath}/`);
    /** The path without the base path; null when it lies outside. */
    this.fullPath = inside ? pathname.slice(basePath.length) || "/" : null;
    /** The same without `/api`. */
    this.path = (this.fullPath ?? pathname).replace(/^\/api(?=\/)/, "");
    /** `POST /prompt`, `GET /history/{prompt_id}` and so on, once matched. */
    this.route = `${this.method} ${this.path}`;
    /** @type {Record<string, string>} */
    this.params = {};
    this.body = Buffer.alloc(0);
    /** Whose request it is, on a server of several accounts. @type {string | undefined} */
    this.account = undefined;
    /** @type {any} */
    this.noted = undefined;
    /** Set when the body is over the limit. @type {Raised | null} */
    this.refused = null;
  }

  /** @param {number} limit bytes */
  async readBody(limit) {
    const parts = [];
    let size = 0;
    for await (const part of this.incoming) {
      size += part.length;
      if (size <= limit) parts.push(part);
    }
    this.body = Buffer.concat(parts);
    if (size > limit) throw new Raised(413, `Maximum request body size ${limit} exceeded, actual body size ${size}`);
  }

  /** What a test sees of it: values only, `status` is filled in when it is answered. */
  note() {
    const { method, url, path, route, headers, at } = this;
    const binary = /multipart|octet-stream|image\//.test(headers["content-type"] ?? "");
    const text = binary ? "" : this.body.toString("utf8");
    this.noted ??= {
      method,
      url,
      path,
      route,
      query: Object.fromEntries(this.query),
      headers,
      at,
      text,
      body: parsed(text),
      status: 0,
    };
    return this.noted;
  }

  /** The body as Python reads it. @returns {any} @throws {SyntaxError} */
  json() {
    return loads(this.body.toString("utf8"));
  }

  /** @returns {Map<string, {filename: string | null, bytes: Buffer}>} */
  form() {
    const boundary = /boundary=(?:"([^"]+)"|([^;]+))/i.exec(this.headers["content-type"] ?? "");
    const fields = new Map();
    if (!boundary) return fields;
    const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
    for (let at = this.body.indexOf(mark); at >= 0;) {
      const next = this.body.indexOf(mark, at + mark.length);
      if (next < 0) break;
      const part = this.body.subarray(at + mark.length + 2, next - 2);
      const end = part.indexOf("\r\n\r\n");
      const head = part.toString("utf8", 0, end);
      const name = /[; ]name="([^"]*)"/i.exec(head)?.[1];
      const filename = /[; ]filename="([^"]*)"/i.exec(head)?.[1] ?? null;
      if (name !== undefined) fields.set(name, { filename, bytes: part.subarray(end + 4) });
      at = next;
    }
    return fields;
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

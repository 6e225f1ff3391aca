// @ts-check
// A request and its body.
import { Buffer } from "node:buffer";
import { HttpError, serverError } from "./response.js";
import { loads } from "../python/json.js";

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
    /** The path without the base path; null if the URL is outside of it. */
    this.fullPath = inside ? pathname.slice(basePath.length) || "/" : null;
    /** The path without base path and `/api`. */
    this.path = (this.fullPath ?? pathname).replace(/^\/api(?=\/)/, "");
    /** The matched route, such as `GET /history/{prompt_id}`. */
    this.route = `${this.method} ${this.path}`;
    /** @type {Record<string, string>} */
    this.params = {};
    this.body = Buffer.alloc(0);
    /** The account that sent the request, on a cloud. @type {string | undefined} */
    this.account = undefined;
    /** @type {any} */
    this.noted = undefined;
    /** Set when the body exceeds the limit. @type {HttpError | null} */
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
    if (size > limit) throw new HttpError(413, `Maximum request body size ${limit} exceeded, actual body size ${size}`);
  }

  /** The record that tests read; `status` is set once the request is answered. */
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

  /** The body, parsed as by Python's `json`. @returns {any} @throws {SyntaxError} */
  json() {
    return loads(this.body.toString("utf8"));
  }

  /** The body as an object. A real server answers anything else with 500. @returns {Map<string, any>} */
  jsonObject() {
    try {
      const value = this.json();
      if (value instanceof Map) return value;
    } catch {
      // Handled as any other body that is no object.
    }
    throw serverError();
  }

  /** The fields of a multipart body. @returns {Map<string, {filename: string | null, bytes: Buffer}>} */
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

// @ts-check
// A login in front of the server, as a reverse proxy adds it: 401 without valid credentials.
import { Buffer } from "node:buffer";

/**
 * @typedef {object} LoginOptions
 * @property {string} [user] user name of basic authentication
 * @property {string} [password]
 * @property {string} [token] sent as `Authorization: Bearer …` or `?token=…`
 * @property {string} [header] name of a header that must equal `value`
 * @property {string} [value]
 */

export class Login {
  /** @param {LoginOptions} options */
  constructor({ user, password, token, header, value }) {
    /** @type {[string, string][]} */
    this.accepted = [];
    this.token = token;
    this.basic = user !== undefined;
    if (user !== undefined) {
      this.accepted.push(["authorization", `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`]);
    }
    if (token !== undefined) this.accepted.push(["authorization", `Bearer ${token}`]);
    if (header !== undefined) this.accepted.push([header.toLowerCase(), value ?? ""]);
    if (this.accepted.length === 0) throw new TypeError("auth needs user, token or header");
  }

  /** The 401 answer, or null if the credentials are valid. @param {import("./request.js").Request} request */
  denies(request) {
    if (this.accepted.some(([name, value]) => request.headers[name] === value)) return null;
    if (this.token !== undefined && request.query.get("token") === this.token) return null;
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "text/plain; charset=utf-8" };
    if (this.basic) headers["WWW-Authenticate"] = 'Basic realm="ComfyUI"';
    return { status: 401, headers, body: "401: Unauthorized" };
  }
}

// @ts-check
// State of a simulated Comfy Cloud: accounts with API keys, owners of prompts, and a second host for files.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { failure } from "./cloud-routes.js";

/**
 * @typedef {object} Account
 * @property {number} [credits] prompts it may still run; at 0 the answer is 402
 * @property {boolean} [subscribed] default true; false answers 429
 */

export class Cloud {
  /**
   * @param {import("../simulator.js").Simulator} sim
   * @param {{accounts?: Record<string, Account>, workers?: number}} options
   */
  constructor(sim, { accounts = { "test-key": {}, "other-key": {} }, workers = 4 }) {
    this.sim = sim;
    this.accounts = new Map(Object.entries(accounts).map(([key, account]) => [key, { ...account }]));
    this.workers = workers;
    /** API key that submitted each prompt. @type {Map<string, string>} */
    this.owners = new Map();
    /** Files by signed URL. @type {Map<string, {bytes: Uint8Array, type: string}>} */
    this.signed = new Map();
    this.corsHeaders = { "Access-Control-Allow-Headers": "Content-Type, Authorization, X-API-Key" };
    /** @type {import("node:http").Server | null} */
    this.store = null;
    this.storeUrl = "";
  }

  /** Starts the file host of the signed URLs: another origin, which refuses requests that carry credentials. */
  async start() {
    const store = createServer((request, response) => {
      const [path, query = ""] = (request.url ?? "/").split(/\?(.*)/s);
      const carriesKey = ["x-api-key", "authorization", "cookie"].some((name) => name in request.headers);
      const file = this.signed.get(request.url ?? "");
      const status = carriesKey ? 400 : file ? 200 : 403;
      const note = { method: request.method, url: request.url, path, route: "GET signed file", status };
      this.sim.recordStoreRequest({ ...note, query: Object.fromEntries(new URLSearchParams(query)), headers: request.headers });
      const headers = { "Content-Type": file?.type ?? "application/xml", "Access-Control-Allow-Origin": "*" };
      const refusal = `<Error><Code>${carriesKey ? "InvalidArgument" : "SignatureDoesNotMatch"}</Code></Error>`;
      response.writeHead(status, headers).end(status === 200 ? file?.bytes : refusal);
    });
    await new Promise((resolve) => store.listen(0, this.sim.host, () => resolve(undefined)));
    const address = store.address();
    this.storeUrl = `http://${this.sim.host}:${address && typeof address === "object" ? address.port : 0}`;
    this.store = store;
  }

  async stop() {
    const { store } = this;
    this.store = null;
    store?.closeAllConnections();
    if (store) await new Promise((resolve) => store.close(resolve));
  }

  /** @param {Uint8Array} bytes @param {string} type */
  sign(bytes, type) {
    const path = `/store/${randomUUID()}?Expires=3600&Signature=${randomUUID()}`;
    this.signed.set(path, { bytes, type });
    return this.storeUrl + path;
  }

  /** @param {string | undefined} promptId */
  owner(promptId) {
    return promptId === undefined ? undefined : this.owners.get(promptId);
  }

  /** @param {import("../http/request.js").Request} request */
  denies(request) {
    const onSocket = request.path === "/ws";
    const key = onSocket ? request.query.get("token") : request.headers["x-api-key"];
    if (typeof key !== "string" || !this.accounts.has(key)) {
      return failure(401, "unauthorized", "The API key is missing or not valid");
    }
    request.account = key;
    return null;
  }
}

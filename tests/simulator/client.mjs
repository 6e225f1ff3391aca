// A minimal client for the simulator's tests: a socket that records its frames, and fetch.
import { test } from "node:test";
import WebSocket from "ws";
import { startSimulator } from "../../pkg-template/testing/index.js";

export class Client {
  static #count = 0;

  /** @param {{url: string}} sim @param {string} [clientId] */
  constructor(sim, clientId = `client-${(Client.#count += 1)}`) {
    this.url = sim.url;
    this.clientId = clientId;
    /** Frames in order: parsed text, or Buffers. */
    this.frames = [];
    /** The same frames unparsed: strings and Buffers. */
    this.raw = [];
    this.closed = null;
    this.listeners = new Set();
  }

  /** @param {{headers?: object, featureFlags?: object, query?: string, compress?: boolean}} [options] */
  async connect({ headers, featureFlags, query = "", compress = false } = {}) {
    const url = `${this.url.replace(/^http/, "ws")}/ws?clientId=${this.clientId}${query}`;
    const ws = new WebSocket(url, { headers, perMessageDeflate: compress });
    this.ws = ws;
    ws.on("message", (data, binary) => {
      this.raw.push(binary ? data : String(data));
      this.frames.push(binary ? data : tolerant(String(data)));
      for (const listener of this.listeners) listener();
    });
    this.gone = new Promise((resolve) => {
      ws.on("close", (code) => {
        this.closed = code;
        resolve(code);
        for (const listener of this.listeners) listener();
      });
    });
    await new Promise((resolve, reject) => {
      ws.once("open", resolve);
      ws.once("error", reject);
      ws.once("unexpected-response", (_, response) => {
        response.resume();
        reject(Object.assign(new Error(`refused with ${response.statusCode}`), { status: response.statusCode }));
      });
    });
    ws.on("error", () => {});
    if (featureFlags) ws.send(JSON.stringify({ type: "feature_flags", data: featureFlags }));
    return this;
  }

  /** Resolves with the first matching frame from index `from` on. */
  async frame(test, from = 0) {
    const passes = typeof test === "string" ? (frame) => frame?.type === test : test;
    return this.until(() => this.frames.slice(from).find(passes));
  }

  /** Resolves when the last frame of the prompt has arrived. */
  async end(promptId) {
    return this.frame((f) => f?.type === "executing" && f.data?.node === null && f.data.prompt_id === promptId);
  }

  /** @template T @param {() => T} check @returns {Promise<T>} */
  until(check) {
    return new Promise((resolve) => {
      const look = () => {
        const found = check();
        if (!found) return;
        this.listeners.delete(look);
        resolve(found);
      };
      this.listeners.add(look);
      look();
    });
  }

  async post(path, body, init = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return fetch(this.url + path, { method: "POST", body: text, ...init });
  }

  async get(path) {
    return (await fetch(this.url + path)).json();
  }

  /** Submits a prompt and returns the body of the 200 answer. */
  async submit(prompt, more = {}) {
    const answer = await this.post("/prompt", { prompt, client_id: this.clientId, ...more });
    const body = await answer.json();
    if (answer.status !== 200) throw Object.assign(new Error(`refused: ${JSON.stringify(body)}`), { body });
    return body;
  }

  types() {
    return this.frames.map((frame) => (Buffer.isBuffer(frame) ? `binary ${frame.readUInt32BE(0)}` : frame?.type));
  }

  close() {
    this.ws?.close();
  }
}

function tolerant(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Declares a test with its own simulator and the lab nodes. */
export function simTest(name, options, body) {
  test(name, { timeout: 10_000 }, async () => {
    const sim = await startSimulator({ stepMs: 0, lab: true, ...options });
    try {
      await body(sim);
    } finally {
      await sim.close();
    }
  });
}

/** A connected client. */
export async function connect(sim, clientId, options) {
  return new Client(sim, clientId).connect(options);
}

/** A prompt that shows progress and saves one picture. */
export function progressPrompt(steps = 3, more = {}) {
  return {
    1: { class_type: "LabProgress", inputs: { steps, delay_ms: 0, preview: true, size: 8, seed: 1, ...more } },
    3: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "lab" } },
  };
}

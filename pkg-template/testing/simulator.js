// @ts-check
// The simulator itself: one HTTP server, the process behind it, and what a test can do to both.
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { Login } from "./access.js";
import { Cloud } from "./cloud.js";
import { Connections } from "./connections.js";
import { Faults } from "./faults.js";
import { Files } from "./files.js";
import { Replay } from "./replay.js";
import { ServerProcess } from "./server-process.js";
import { builtInNodes } from "./nodes/index.js";
import { labNodes } from "./nodes/lab.js";
import { plain } from "./json.js";

/** The five letters that tell one process's temporary files from another's. */
function tempMark() {
  return Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
}

const LOG_LENGTH = 10_000;

const FEATURES = {
  old: { supports_preview_metadata: true, max_upload_size: 104857600 },
  new: {
    supports_preview_metadata: true,
    supports_model_type_tags: true,
    max_upload_size: 104857600,
    extension: { manager: { supports_v4: true } },
    node_replacements: true,
    assets: false,
  },
};

export class Simulator extends EventEmitter {
  /** @param {import("./index.d.ts").SimulatorOptions} options */
  constructor(options) {
    super();
    this.setMaxListeners(0);
    this.options = options;
    /** @type {"old" | "new"} */
    this.version = options.version ?? "new";
    this.host = options.host ?? "127.0.0.1";
    this.basePath = (options.basePath ?? "").replace(/\/+$/, "");
    this.cors = options.cors ?? Boolean(options.cloud);
    this.previews = options.previews ?? true;
    this.stepMs = options.stepMs ?? 20;
    this.speed = options.speed ?? 1;
    this.progressIntervalMs = options.progressIntervalMs ?? 0;
    this.broadcast = Boolean(options.broadcast);
    this.deafAfterDrop = options.deafAfterDrop ?? true;
    this.compress = options.compress ?? true;
    this.startHeld = Boolean(options.held);
    this.maxUploadSize = options.maxUploadSize ?? 104857600;
    this.outputOrder = options.outputOrder ?? ((/** @type {string[]} */ ids) => ids);
    /** @type {Record<string, import("./nodes/index.js").NodeDefinition>} */
    this.nodes = { ...builtInNodes, ...(options.lab ? labNodes : {}), ...options.nodes };
    /** Names that the checkpoint loader lists; it takes any other as well. @type {string[]} */
    this.checkpoints = options.checkpoints ?? ["dreamer-v1.safetensors", "landscapes-v2.safetensors"];
    this.files = new Files();
    this.tempMark = tempMark();
    /** @type {any[]} */
    this.requests = [];
    /** @type {any[]} */
    this.frames = [];
    /** Says what a recorded server said, if there is a recording. */
    this.replay = options.replay === undefined ? null : new Replay(options.replay);
    this.faults = new Faults(this);
    /** Comfy Cloud instead of a server on this machine. */
    this.cloud = options.cloud ? new Cloud(this, options.cloud === true ? {} : options.cloud) : null;
    /** Who may come in, where the server asks. @type {{denies(request: import("./http.js").Request): any} | null} */
    this.access = this.cloud ?? (options.auth ? new Login(options.auth) : null);
    /** How many prompts run at once. */
    this.workers = this.cloud?.workers ?? 1;
    this.process = new ServerProcess(this);
    this.connections = new Connections(this);
    this.port = 0;
    /** @type {import("node:http").Server | null} */
    this.server = null;
    for (const [name, value] of Object.entries(options.faults ?? {})) {
      const start = /** @type {any} */ (this.faults)[name];
      if (typeof start !== "function") throw new TypeError(`There is no misbehaviour "${name}"`);
      for (const one of Array.isArray(value) ? value : [value]) start.call(this.faults, one === true ? {} : one);
    }
  }

  /** Where clients find it, without a slash at the end. */
  get url() {
    const host = this.host.includes(":") ? `[${this.host}]` : this.host;
    return `http://${host}:${this.port}${this.basePath}`;
  }

  /** Listens; after `stop`, again on the same port. */
  async start() {
    await this.connections.prepare();
    const server = createServer();
    this.connections.serve(server);
    await new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port || (this.options.port ?? 0), this.host, () => resolve(undefined));
    });
    this.server = server;
    await this.cloud?.start();
    const address = server.address();
    if (address && typeof address === "object") this.port = address.port;
  }

  /** Goes down as a killed process does: connections cut, queue, history and results lost. Files stay. */
  async stop() {
    const { server } = this;
    this.server = null;
    this.process.die();
    await this.cloud?.stop();
    this.files.clearTemp();
    this.tempMark = tempMark();
    this.connections.cut();
    if (server) await new Promise((resolve) => server.close(resolve));
    this.process = new ServerProcess(this);
  }

  /** `stop` and `start`. */
  async restart() {
    await this.stop();
    await this.start();
  }

  /** Ends the simulator. */
  async close() {
    this.faults.clear();
    await this.stop();
    this.removeAllListeners();
  }

  features() {
    return this.options.features ?? FEATURES[this.version];
  }

  // The queue.

  /** Starts no further prompt until `resume`. */
  pause() {
    this.process.queue.held = true;
  }

  resume() {
    this.process.queue.held = false;
    void this.process.work();
  }

  /** Runs waiting prompts in this order, before all others. @param {string[]} promptIds */
  reorder(promptIds) {
    this.process.queue.reorder(promptIds);
  }

  /** Forgets a prompt (all of them without an id), in queue and history, without a word. @param {string} [promptId] */
  vanish(promptId) {
    const { queue, executions } = this.process;
    const known = [...queue.pending.map((item) => item.promptId), ...queue.history.keys(), ...executions.keys()];
    for (const id of promptId === undefined ? known : [promptId]) this.process.vanish(id);
  }

  // The sockets.

  /**
   * Sends a frame of one's own: an object as JSON, text and bytes as they stand.
   * @param {any} frame @param {string} [clientId] everyone if left out
   */
  sendFrame(frame, clientId) {
    const raw = typeof frame === "string" || frame instanceof Uint8Array ? frame : undefined;
    const { type = "raw", data } = raw === undefined ? frame : {};
    for (const connection of this.process.hub.connections(clientId)) {
      connection.outbox.push(raw === undefined ? { type, data } : { type, raw });
    }
  }

  /** Makes the sockets of a client (of all) deaf: open, and never spoken to again. @param {string} [clientId] */
  deafen(clientId) {
    this.process.hub.deafen(clientId);
  }

  /** How many sockets are open now. @param {string} [clientId] */
  socketCount(clientId) {
    return this.process.hub.connections(clientId).length;
  }

  /** @param {import("./hub.js").Frame} frame @param {string | null} clientId */
  noteFrame(frame, clientId) {
    const { type, data, promptId, index, nodeId, text, image, metadata } = frame;
    const about = { clientId, promptId, index, nodeId: nodeId ?? metadata?.node_id, text };
    const picture = image ? { mimeType: image.mimeType, size: image.bytes.length } : undefined;
    const note = { type, ...about, at: Date.now(), image: picture, data: plain(data) };
    this.frames.push(note);
    if (this.frames.length > LOG_LENGTH) this.frames.shift();
    this.emit("frame", note);
  }

  /** @param {import("./http.js").Request} request */
  noteRequest(request) {
    this.#note(request.note());
  }

  /** A request to the store of the cloud. @param {any} note */
  noteStore(note) {
    this.#note({ ...note, at: Date.now(), text: "", body: undefined });
  }

  /** @param {any} note */
  #note(note) {
    this.requests.push(note);
    if (this.requests.length > LOG_LENGTH) this.requests.shift();
    this.emit("request", note);
  }

  /**
   * Waits for something to happen from now on.
   * @param {string} event `request`, `answer`, `frame`, `message`, `socket`, `socket_closed`, `prompt_queued`,
   *   `prompt_done`
   * @param {string | ((value: any) => boolean)} [which] a frame's type, a request's route, a prompt's id or client id
   * @returns {Promise<any>}
   */
  waitFor(event, which = () => true) {
    const test =
      typeof which === "function"
        ? which
        : (/** @type {any} */ value) => [value.type, value.route, value.promptId, value.clientId].includes(which);
    return new Promise((resolve) => {
      const listener = (/** @type {any} */ value) => {
        if (!test(value)) return;
        this.off(event, listener);
        resolve(value);
      };
      this.on(event, listener);
    });
  }
}

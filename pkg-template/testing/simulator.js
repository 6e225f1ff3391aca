// @ts-check
// The public `Simulator`: an HTTP server, the ComfyUI process behind it, and the methods a test controls them with.
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { Login } from "./http/login.js";
import { Cloud } from "./cloud/cloud.js";
import { HttpListener } from "./http/listener.js";
import { Faults } from "./faults/faults.js";
import { FileStore } from "./server/file-store.js";
import { Replay } from "./replay/replay.js";
import { ServerProcess } from "./server/server-process.js";
import { builtInNodes } from "./nodes/index.js";
import { labNodes } from "./nodes/lab.js";
import { plain } from "./python/json.js";

/** The random five letters that ComfyUI puts into names of temporary files, new for each process. */
function tempMark() {
  return Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
}

/** @typedef {string | {name: string, metadata?: Record<string, string>}} ModelFile */

const RECORD_LENGTH = 10_000;
const CHECKPOINTS = ["dreamer-v1.safetensors", "landscapes-v2.safetensors"];

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
    /** Model files by folder; loaders accept every other name too. @type {Record<string, ModelFile[]>} */
    this.models = { checkpoints: options.checkpoints ?? CHECKPOINTS, ...options.models };
    this.files = new FileStore();
    this.tempMark = tempMark();
    /** @type {any[]} */
    this.requests = [];
    /** @type {any[]} */
    this.frames = [];
    /** Answers from a recording instead of running nodes. */
    this.replay = options.replay === undefined ? null : new Replay(options.replay);
    this.faults = new Faults(this);
    /** Set when the simulator acts as Comfy Cloud. */
    this.cloud = options.cloud ? new Cloud(this, options.cloud === true ? {} : options.cloud) : null;
    /** Checks credentials, if the server asks for them. @type {{denies(request: import("./http/request.js").Request): any} | null} */
    this.access = this.cloud ?? (options.auth ? new Login(options.auth) : null);
    /** Number of prompts that run at once. */
    this.workers = this.cloud?.workers ?? 1;
    this.process = new ServerProcess(this);
    this.connections = new HttpListener(this);
    this.port = 0;
    /** @type {import("node:http").Server | null} */
    this.server = null;
    for (const [name, value] of Object.entries(options.faults ?? {})) {
      const start = /** @type {any} */ (this.faults)[name];
      if (!Object.hasOwn(Faults.prototype, name)) throw new TypeError(`There is no fault "${name}"`);
      for (const one of Array.isArray(value) ? value : [value]) start.call(this.faults, one === true ? {} : one);
    }
  }

  /** Base URL, without a trailing slash. */
  get url() {
    const host = this.host.includes(":") ? `[${this.host}]` : this.host;
    return `http://${host}:${this.port}${this.basePath}`;
  }

  /** Starts listening; after `stop`, on the same port again. */
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

  /** Stops as a killed process does: connections are cut; queue, history and cached results are lost; files stay. */
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

  /** `stop`, then `start`. */
  async restart() {
    await this.stop();
    await this.start();
  }

  /** Stops the simulator for good. */
  async close() {
    this.faults.clear();
    await this.stop();
    this.removeAllListeners();
  }

  /** Names of the models in a folder. @param {string} folder @returns {string[]} */
  modelNames(folder) {
    return (this.models[folder] ?? []).map((file) => (typeof file === "string" ? file : file.name));
  }

  /** @param {string} folder @param {string} name @returns {Record<string, string> | undefined} */
  modelMetadata(folder, name) {
    const found = (this.models[folder] ?? []).find((file) => typeof file !== "string" && file.name === name);
    return typeof found === "object" ? found.metadata : undefined;
  }

  features() {
    return this.options.features ?? FEATURES[this.version];
  }

  // The queue.

  /** Holds the queue: no further prompt starts until `resume`. */
  pause() {
    this.process.queue.held = true;
  }

  resume() {
    this.process.queue.held = false;
    void this.process.work();
  }

  /** Moves these pending prompts to the front, in this order. @param {string[]} promptIds */
  reorder(promptIds) {
    this.process.queue.reorder(promptIds);
  }

  /** Removes a prompt, or all, from queue and history without sending a frame. @param {string} [promptId] */
  vanish(promptId) {
    const { queue, executions } = this.process;
    const known = [...queue.pending.map((item) => item.promptId), ...queue.history.keys(), ...executions.keys()];
    for (const id of promptId === undefined ? known : [promptId]) this.process.vanish(id);
  }

  // The sockets.

  /**
   * Sends an arbitrary frame: objects as JSON, strings and bytes unchanged.
   * @param {any} frame @param {string} [clientId] default: every socket
   */
  sendFrame(frame, clientId) {
    const raw = typeof frame === "string" || frame instanceof Uint8Array ? frame : undefined;
    const { type = "raw", data } = raw === undefined ? frame : {};
    for (const connection of this.process.sockets.connections(clientId)) {
      connection.sendQueue.push(raw === undefined ? { type, data } : { type, raw });
    }
  }

  /** Unregisters the sockets of a client, or all: they stay open and receive nothing more. @param {string} [clientId] */
  deafen(clientId) {
    this.process.sockets.deafen(clientId);
  }

  /** Number of open sockets. @param {string} [clientId] */
  socketCount(clientId) {
    return this.process.sockets.connections(clientId).length;
  }

  /** @param {import("./sockets/socket-registry.js").Frame} frame @param {string | null} clientId */
  recordFrame(frame, clientId) {
    const { type, data, promptId, index, nodeId, text, image, metadata } = frame;
    const about = { clientId, promptId, index, nodeId: nodeId ?? metadata?.node_id, text };
    const picture = image ? { mimeType: image.mimeType, size: image.bytes.length } : undefined;
    const note = { type, ...about, at: Date.now(), image: picture, data: plain(data) };
    this.frames.push(note);
    if (this.frames.length > RECORD_LENGTH) this.frames.shift();
    this.emit("frame", note);
  }

  /** @param {import("./http/request.js").Request} request */
  recordRequest(request) {
    this.#note(request.note());
  }

  /** Records a request to the cloud's file host. @param {any} note */
  recordStoreRequest(note) {
    this.#note({ ...note, at: Date.now(), text: "", body: undefined });
  }

  /** @param {any} note */
  #note(note) {
    this.requests.push(note);
    if (this.requests.length > RECORD_LENGTH) this.requests.shift();
    this.emit("request", note);
  }

  /**
   * Waits for the next event of a kind.
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

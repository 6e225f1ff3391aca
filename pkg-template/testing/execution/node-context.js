// @ts-check
// The argument of a node's `run`: its inputs, and methods to report progress, show text and save files.
import { encodeJpeg } from "../images/jpeg.js";
import { Blocked } from "./execution.js";
import { sleep } from "./sleep.js";

export class NodeContext {
  /**
   * @param {import("./execution.js").Execution} execution
   * @param {string} nodeId
   * @param {Record<string, any>} inputs
   */
  constructor(execution, nodeId, inputs) {
    this.execution = execution;
    this.nodeId = nodeId;
    this.inputs = inputs;
    this.promptId = execution.promptId;
    this.classType = execution.prompt.get(nodeId).get("class_type");
    /** The whole prompt; keys keep the order in which they were sent. @type {Map<string, any>} */
    this.prompt = execution.item.prompt;
    /** @type {Map<string, any>} */
    this.extraData = execution.item.extraData;
    this.files = execution.sim.files;
    this.stepMs = execution.sim.stepMs;
    this.version = execution.sim.version;
    /** Aborts when the prompt is dropped. An interruption throws at the next `progress` instead. */
    this.signal = execution.abort.signal;
    /** @type {Error | undefined} */
    this.failure = undefined;
    /** @type {number | undefined} */
    this.failAt = undefined;
    this.lastProgress = 0;
  }

  /** Whether previews are on: the server's setting, or the prompt's `preview_method`. */
  get previews() {
    const asked = this.version === "new" ? this.extraData.get("preview_method") : undefined;
    if (asked === "none") return false;
    return this.execution.sim.previews || (typeof asked === "string" && asked !== "default");
  }

  /**
   * Reports progress, with an optional preview: a picture, or an encoded image.
   * @param {number} value @param {number} max
   * @param {{width: number, height: number, channels: number, data: Uint8Array}
   *   | {bytes: Uint8Array, mimeType: string}} [picture]
   */
  async progress(value, max, picture) {
    const { execution, nodeId } = this;
    execution.throwIfStopped();
    if (this.failure && value >= Number(this.failAt)) throw this.failure;
    const { sockets } = execution.server;
    execution.progress.update(nodeId, value, max);
    execution.sendProgressState();
    const image = picture ? this.#previewOf(picture) : null;
    const withMetadata = sockets.supports(execution.clientId, "supports_preview_metadata");
    const preview = { promptId: this.promptId, image };
    if (image && withMetadata) {
      sockets.send({ type: "preview", ...preview, metadata: execution.progress.describe(nodeId) }, execution.clientId);
    }
    const now = Date.now();
    if (now - this.lastProgress >= execution.sim.progressIntervalMs || value >= max) {
      this.lastProgress = now;
      execution.send("progress", { value, max, prompt_id: this.promptId, node: nodeId });
    }
    if (image && !withMetadata) sockets.send({ type: "preview", ...preview }, execution.clientId);
    await new Promise(setImmediate);
    await execution.gate();
  }

  /** `preview_method` governs the previews of samplers; a node's own encoded image is always sent. @param {any} picture */
  #previewOf(picture) {
    if (picture.bytes) return picture;
    return this.previews ? { bytes: encodeJpeg(picture), mimeType: "image/jpeg" } : null;
  }

  /** Sends a progress text of the node to every client. @param {string} text */
  text(text) {
    const { sockets } = this.execution.server;
    sockets.send({ type: "progress_text", promptId: this.promptId, nodeId: this.nodeId, text }, null);
  }

  /** Waits `ms / speed` milliseconds. @param {number} ms */
  async sleep(ms) {
    await sleep(ms / this.execution.sim.speed, this.signal);
  }

  /** An output that blocks the nodes behind it; the prompt still succeeds. @param {string | null} message */
  block(message = null) {
    return new Blocked(message);
  }

  /** Id of a node that this one creates by `expand`. @param {string | number} name */
  innerId(name) {
    return `${this.nodeId}.0.0.${name}`;
  }

  /**
   * Saves a file under the next free number of a prefix, which may contain a folder.
   * @param {"output" | "temp"} type @param {string} prefix @param {string} extension @param {Uint8Array} bytes
   * @param {string} [mark] suffix of the number, as in `ComfyUI_00001_.png`
   */
  save(type, prefix, extension, bytes, mark = "_") {
    return this.files.saveNumbered(type, this.fillIn(prefix), extension, bytes, mark);
  }

  /** Replaces `%year%`, `%month%` and similar placeholders. @param {string} prefix */
  fillIn(prefix) {
    const now = new Date();
    /** @type {Record<string, number>} */
    const parts = {
      year: now.getFullYear(),
      month: now.getMonth() + 1,
      day: now.getDate(),
      hour: now.getHours(),
      minute: now.getMinutes(),
      second: now.getSeconds(),
    };
    return prefix.replace(/%(year|month|day|hour|minute|second)%/g, (_, part) => String(parts[part]).padStart(2, "0"));
  }
}

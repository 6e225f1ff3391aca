// @ts-check
// What a node's `run` is given: its inputs, and the ways to tell progress, to show text and to keep files.
import { encodeJpeg } from "./jpeg.js";
import { Blocked } from "./executor.js";
import { pause } from "./pause.js";

export class NodeContext {
  /**
   * @param {import("./executor.js").Execution} execution
   * @param {string} nodeId
   * @param {Record<string, any>} inputs
   */
  constructor(execution, nodeId, inputs) {
    this.execution = execution;
    this.nodeId = nodeId;
    this.inputs = inputs;
    this.promptId = execution.promptId;
    this.classType = execution.prompt.get(nodeId).get("class_type");
    /** The whole prompt, keys in the order sent. @type {Map<string, any>} */
    this.prompt = execution.item.prompt;
    /** @type {Map<string, any>} */
    this.extraData = execution.item.extraData;
    this.files = execution.sim.files;
    this.stepMs = execution.sim.stepMs;
    this.version = execution.sim.version;
    /** Fires when the prompt is dropped (not when it is interrupted: that shows at the next step). */
    this.signal = execution.abort.signal;
    /** @type {Error | undefined} */
    this.failure = undefined;
    /** @type {number | undefined} */
    this.failAt = undefined;
    this.lastProgress = 0;
  }

  /** Whether anyone is to get previews: the server's setting, or what the prompt asked for. */
  get previews() {
    const asked = this.version === "new" ? this.extraData.get("preview_method") : undefined;
    if (asked === "none") return false;
    return this.execution.sim.previews || (typeof asked === "string" && asked !== "default");
  }

  /**
   * Tells how far the node is, with a preview if one is given.
   * @param {number} value @param {number} max
   * @param {{width: number, height: number, channels: number, data: Uint8Array}
   *   | {bytes: Uint8Array, mimeType: string}} [picture]
   */
  async progress(value, max, picture) {
    const { execution, nodeId } = this;
    execution.throwIfStopped();
    if (this.failure && value >= Number(this.failAt)) throw this.failure;
    const { hub } = execution.server;
    execution.progress.update(nodeId, value, max);
    execution.sendProgressState();
    const image = picture && this.previews ? encoded(picture) : null;
    const withMetadata = hub.supports(execution.clientId, "supports_preview_metadata");
    const preview = { promptId: this.promptId, image };
    if (image && withMetadata) {
      hub.send({ type: "preview", ...preview, metadata: execution.progress.describe(nodeId) }, execution.clientId);
    }
    const now = Date.now();
    if (now - this.lastProgress >= execution.sim.progressIntervalMs || value >= max) {
      this.lastProgress = now;
      execution.send("progress", { value, max, prompt_id: this.promptId, node: nodeId });
    }
    if (image && !withMetadata) hub.send({ type: "preview", ...preview }, execution.clientId);
    await new Promise(setImmediate);
    await execution.gate();
  }

  /** Shows a text at the node; every client of the server gets it. @param {string} text */
  text(text) {
    const { hub } = this.execution.server;
    hub.send({ type: "progress_text", promptId: this.promptId, nodeId: this.nodeId, text }, null);
  }

  /** Waits, `speed` times as fast. @param {number} ms */
  async sleep(ms) {
    await pause(ms / this.execution.sim.speed, this.signal);
  }

  /** Gives an output that stops what is behind it; the prompt still succeeds. @param {string | null} message */
  block(message = null) {
    return new Blocked(message);
  }

  /** An id for a node that this one creates (`expand`). @param {string | number} name */
  innerId(name) {
    return `${this.nodeId}.0.0.${name}`;
  }

  /**
   * Keeps a file under the next free number of a prefix, which may name a folder.
   * @param {"output" | "temp"} type @param {string} prefix @param {string} extension @param {Uint8Array} bytes
   * @param {string} [mark] stands behind the number: `ComfyUI_00001_.png` has none
   */
  save(type, prefix, extension, bytes, mark = "_") {
    return this.files.saveNumbered(type, this.fillIn(prefix), extension, bytes, mark);
  }

  /** `%year%`, `%month%` and the like in a prefix. @param {string} prefix */
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

/** @param {any} picture */
function encoded(picture) {
  return picture.bytes ? picture : { bytes: encodeJpeg(picture), mimeType: "image/jpeg" };
}

// @ts-check
// The send queue of one socket. Frames leave in order; faults delay, join or split them.
import { Buffer } from "node:buffer";
import { encode } from "./socket-registry.js";

export class SendQueue {
  /** @param {import("./socket-registry.js").Connection} connection */
  constructor(connection) {
    this.connection = connection;
    /** @type {{frame: import("./socket-registry.js").Frame, due: number}[]} */
    this.waiting = [];
    /** @type {NodeJS.Timeout | null} */
    this.timer = null;
    /** Text waiting to be joined with the next frame. @type {string | null} */
    this.kept = null;
    /** @type {NodeJS.Timeout | null} */
    this.keptTimer = null;
  }

  /** @param {import("./socket-registry.js").Frame} frame */
  push(frame) {
    const delay = this.connection.sim.faults.frameDelay(this.connection, frame);
    if (delay <= 0 && this.waiting.length === 0) return this.#write(frame);
    this.waiting.push({ frame, due: Date.now() + delay });
    this.#schedule();
  }

  #schedule() {
    if (this.timer || this.waiting.length === 0) return;
    const wait = Math.max(0, this.waiting[0].due - Date.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      while (this.waiting.length > 0 && this.waiting[0].due <= Date.now()) {
        const next = this.waiting.shift();
        if (next) this.#write(next.frame);
      }
      this.#schedule();
    }, wait);
  }

  /** @param {import("./socket-registry.js").Frame} frame */
  #write(frame) {
    const payload = encode(frame);
    const packing = this.connection.sim.faults.packing();
    if (typeof payload !== "string" || !packing) {
      this.flush();
      return this.#transmit(payload);
    }
    if (this.kept === null) {
      this.kept = payload;
      this.keptTimer = setTimeout(() => this.flush(), packing.waitMs);
      return;
    }
    const both = this.kept + packing.separator + payload;
    this.kept = null;
    this.flush();
    this.#transmit(both);
  }

  /** Sends the text that waits to be joined. */
  flush() {
    if (this.keptTimer) clearTimeout(this.keptTimer);
    this.keptTimer = null;
    if (this.kept !== null) this.#transmit(this.kept);
    this.kept = null;
  }

  /** @param {string | Uint8Array} payload */
  #transmit(payload) {
    const { ws } = this.connection;
    if (ws.readyState !== ws.OPEN) return;
    const binary = typeof payload !== "string";
    const pieces = this.connection.sim.faults.pieces();
    if (pieces <= 1) return ws.send(payload, { binary });
    const bytes = Buffer.from(payload);
    const size = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let at = 0; at === 0 || at < bytes.length; at += size) {
      ws.send(bytes.subarray(at, at + size), { binary, fin: at + size >= bytes.length });
    }
  }

  close() {
    if (this.timer) clearTimeout(this.timer);
    if (this.keptTimer) clearTimeout(this.keptTimer);
    this.waiting = [];
    this.kept = null;
  }
}

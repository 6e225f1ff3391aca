// @ts-check
// The sockets: who is registered under which client id, and who hears what.
import { randomUUID } from "node:crypto";
import { loads } from "./json.js";
import { Outbox } from "./outbox.js";
import { previewFrame, previewWithMetadataFrame, progressTextFrame, textFrame } from "./frames.js";

/**
 * A frame before it is bytes.
 * @typedef {object} Frame
 * @property {string} type the type of a text frame; `preview` and `progress_text` are binary
 * @property {any} [data] of a text frame
 * @property {string} [promptId] the prompt it is about
 * @property {number} [index] its place among the frames about that prompt, from 1
 * @property {{bytes: Uint8Array, mimeType: string} | null} [image]
 * @property {Record<string, any>} [metadata]
 * @property {string} [nodeId]
 * @property {string} [text]
 * @property {string | Uint8Array} [raw] sent as it stands
 */

/** @param {Frame} frame @returns {string | Uint8Array} */
export function encode(frame) {
  if (frame.raw !== undefined) return frame.raw;
  if (frame.type === "preview" && frame.image) {
    return frame.metadata ? previewWithMetadataFrame(frame.image, frame.metadata) : previewFrame(frame.image);
  }
  if (frame.type === "progress_text") return progressTextFrame(frame.nodeId ?? "", frame.text ?? "");
  return textFrame(frame.type, frame.data);
}

export class Connection {
  /** @param {import("ws").WebSocket} ws @param {string} sid @param {import("./simulator.js").Simulator} sim */
  constructor(ws, sid, sim) {
    this.ws = ws;
    this.sid = sid;
    this.sim = sim;
    /** Set by a fault: open, and nothing gets through any more. */
    this.muted = false;
    /** Its end has been dealt with. */
    this.settled = false;
    this.outbox = new Outbox(this);
  }
}

export class SocketHub {
  /** @param {import("./server-process.js").ServerProcess} server */
  constructor(server) {
    this.server = server;
    this.sim = server.sim;
    /** The one socket that each client id is heard under. @type {Map<string, Connection>} */
    this.registered = new Map();
    /** @type {Map<string, Record<string, any>>} */
    this.flags = new Map();
    /** Every open socket, registered or not. @type {Set<Connection>} */
    this.open = new Set();
    /** Client ids whose socket was dropped and not yet noticed. @type {Set<string>} */
    this.unnoticed = new Set();
    /** @type {Map<string, number>} */
    this.counts = new Map();
  }

  /** @param {import("ws").WebSocket} ws @param {string} clientId */
  accept(ws, clientId) {
    const sid = clientId || randomUUID().replaceAll("-", "");
    const connection = new Connection(ws, sid, this.sim);
    // A predecessor in the middle of closing has been noticed; its end must not hit this one.
    for (const other of this.open) if (other.sid === sid && other.ws.readyState !== ws.OPEN) other.settled = true;
    this.open.add(connection);
    this.registered.set(sid, connection);
    this.flags.set(sid, {});
    this.#greet(connection);

    let first = true;
    ws.on("message", (message, isBinary) => {
      if (isBinary) return;
      this.sim.emit("message", { clientId: sid, text: String(message) });
      try {
        const parsed = loads(String(message));
        if (first && parsed.get("type") === "feature_flags") this.#negotiate(sid, parsed.get("data"));
        first = false;
      } catch {
        // A real server logs what it cannot read and goes on; the next message may still be the first.
      }
    });
    ws.on("error", () => {});
    ws.on("close", (code) => {
      this.open.delete(connection);
      connection.outbox.close();
      this.#forget(connection, code === 1006);
      this.sim.emit("socket_closed", { clientId: sid, code });
    });
    // The dropped predecessor is noticed only now, and what is taken off the list is the newcomer: it stays open,
    // silent for ever (seen on 0.33.0).
    if (this.unnoticed.delete(sid)) this.#unregister(sid);
    this.sim.emit("socket", { clientId: sid });
  }

  /**
   * Takes a closed socket off the list. A real server takes off whoever is listed under that client id by then, be it
   * a successor, and is late to notice a connection that was dropped.
   * @param {Connection} connection @param {boolean} dropped
   */
  #forget(connection, dropped) {
    const { sid, settled } = connection;
    const succeeded = this.registered.get(sid) !== connection;
    if (settled || (succeeded && !this.sim.deafAfterDrop)) return;
    if (dropped && !succeeded && this.sim.deafAfterDrop) this.unnoticed.add(sid);
    else this.#unregister(sid);
  }

  /** @param {Connection} connection */
  #greet(connection) {
    const { sid } = connection;
    this.#deliver(connection, { type: "status", data: { status: this.server.queueInfo(), sid } });
    const { execution, lastNodeId } = this.server;
    if (execution && execution.clientId === sid && lastNodeId !== null) {
      this.#deliver(connection, { type: "executing", data: { node: lastNodeId } });
    }
  }

  /** @param {string} sid @param {any} flags */
  #negotiate(sid, flags) {
    if (!this.flags.has(sid)) return;
    this.flags.set(sid, flags instanceof Map ? Object.fromEntries(flags) : {});
    this.send({ type: "feature_flags", data: this.sim.features() }, sid);
  }

  /** @param {string} sid */
  #unregister(sid) {
    this.registered.delete(sid);
    this.flags.delete(sid);
  }

  /** @param {string | null} clientId @param {string} flag */
  supports(clientId, flag) {
    return clientId !== null && this.flags.get(clientId)?.[flag] === true;
  }

  /**
   * @param {Frame} frame
   * @param {string | null} clientId null: everyone
   */
  send(frame, clientId) {
    if (frame.promptId !== undefined) {
      const index = (this.counts.get(frame.promptId) ?? 0) + 1;
      this.counts.set(frame.promptId, index);
      frame = { ...frame, index };
    }
    const everyone = clientId === null || this.sim.broadcast;
    const receivers = everyone ? [...this.registered.values()] : [this.registered.get(clientId)];
    for (const connection of receivers) if (connection) this.#deliver(connection, frame);
    this.sim.noteFrame(frame, clientId);
  }

  /** @param {Connection} connection @param {Frame} frame */
  #deliver(connection, frame) {
    for (const outgoing of this.sim.faults.outgoing(connection, frame)) connection.outbox.push(outgoing);
  }

  /** Takes a client's sockets off the list: they stay open and hear nothing more. @param {string} [clientId] */
  deafen(clientId) {
    for (const sid of [...this.registered.keys()]) if (clientId === undefined || sid === clientId) this.#unregister(sid);
  }

  /** @param {string} [clientId] */
  connections(clientId) {
    return [...this.open].filter((connection) => clientId === undefined || connection.sid === clientId);
  }

  destroy() {
    this.registered.clear();
    for (const connection of this.open) connection.ws.terminate();
  }
}

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
  /**
   * @param {import("ws").WebSocket} ws @param {string} sid @param {import("./simulator.js").Simulator} sim
   * @param {string} [account]
   */
  constructor(ws, sid, sim, account) {
    this.ws = ws;
    this.sid = sid;
    this.account = account;
    /** What it is listed under: its client id, so that another socket with the same id takes its place. */
    this.key = sim.cloud ? randomUUID() : sid;
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

  /** @param {import("ws").WebSocket} ws @param {string} clientId @param {string} [account] */
  accept(ws, clientId, account) {
    const sid = clientId || randomUUID().replaceAll("-", "");
    const connection = new Connection(ws, sid, this.sim, account);
    const { key } = connection;
    // A predecessor in the middle of closing has been noticed; its end must not hit this one.
    for (const other of this.open) if (other.key === key && other.ws.readyState !== ws.OPEN) other.settled = true;
    this.open.add(connection);
    this.registered.set(key, connection);
    this.flags.set(key, {});
    this.#greet(connection);

    let first = true;
    ws.on("message", (message, isBinary) => {
      if (isBinary) return;
      this.sim.emit("message", { clientId: sid, text: String(message) });
      try {
        const parsed = loads(String(message));
        if (first && parsed.get("type") === "feature_flags") this.#negotiate(key, parsed.get("data"));
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
    if (this.unnoticed.delete(key)) this.#unregister(key);
    this.sim.emit("socket", { clientId: sid });
  }

  /**
   * Takes a closed socket off the list. A real server takes off whoever is listed under that client id by then, be it
   * a successor, and is late to notice a connection that was dropped.
   * @param {Connection} connection @param {boolean} dropped
   */
  #forget(connection, dropped) {
    const { key, settled } = connection;
    const succeeded = this.registered.get(key) !== connection;
    if (settled || (succeeded && !this.sim.deafAfterDrop)) return;
    if (dropped && !succeeded && this.sim.deafAfterDrop) this.unnoticed.add(key);
    else this.#unregister(key);
  }

  /** @param {Connection} connection */
  #greet(connection) {
    const { sid } = connection;
    this.#deliver(connection, { type: "status", data: { status: this.server.queueInfo(), sid } });
    for (const { clientId, lastNodeId } of this.server.executions.values()) {
      if (clientId !== sid || lastNodeId === null || this.sim.cloud) continue;
      this.#deliver(connection, { type: "executing", data: { node: lastNodeId } });
    }
  }

  /** @param {string} key @param {any} flags */
  #negotiate(key, flags) {
    const connection = this.registered.get(key);
    if (!connection) return;
    this.flags.set(key, flags instanceof Map ? Object.fromEntries(flags) : {});
    this.#deliver(connection, { type: "feature_flags", data: this.sim.features() });
  }

  /** @param {string} key */
  #unregister(key) {
    this.registered.delete(key);
    this.flags.delete(key);
  }

  /** @param {string | null} clientId @param {string} flag */
  supports(clientId, flag) {
    if (this.sim.cloud) return true;
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
    for (const connection of this.#receivers(frame, clientId)) this.#deliver(connection, frame);
    this.sim.faults.frameSent(frame);
    this.sim.noteFrame(frame, clientId);
  }

  /** @param {Frame} frame @param {string | null} clientId @returns {Connection[]} */
  #receivers({ promptId }, clientId) {
    const all = [...this.registered.values()];
    const owner = this.sim.cloud?.owner(promptId);
    if (owner !== undefined) return all.filter(({ account }) => account === owner);
    if (clientId === null || this.sim.broadcast) return all;
    return all.filter(({ sid }) => sid === clientId);
  }

  /** @param {Connection} connection @param {Frame} frame */
  #deliver(connection, frame) {
    for (const outgoing of this.sim.faults.outgoing(connection, frame)) connection.outbox.push(outgoing);
  }

  /** Takes a client's sockets off the list: they stay open and hear nothing more. @param {string} [clientId] */
  deafen(clientId) {
    for (const { sid, key } of [...this.registered.values()]) {
      if (clientId === undefined || sid === clientId) this.#unregister(key);
    }
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

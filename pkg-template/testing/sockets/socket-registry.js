// @ts-check
// Registers sockets by client id and routes frames to them.
import { randomUUID } from "node:crypto";
import { loads } from "../python/json.js";
import { SendQueue } from "./send-queue.js";
import { previewFrame, previewWithMetadataFrame, progressTextFrame, textFrame } from "./frames.js";

/**
 * A frame before it is encoded.
 * @typedef {object} Frame
 * @property {string} type type of a text frame; `preview` and `progress_text` are binary
 * @property {any} [data] of a text frame
 * @property {string} [promptId] the prompt it is about
 * @property {number} [index] 1-based index among the frames of that prompt
 * @property {{bytes: Uint8Array, mimeType: string} | null} [image]
 * @property {Record<string, any>} [metadata]
 * @property {string} [nodeId]
 * @property {string} [text]
 * @property {string | Uint8Array} [raw] sent unchanged
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
   * @param {import("ws").WebSocket} ws @param {string} sid @param {import("../simulator.js").Simulator} sim
   * @param {string} [account]
   */
  constructor(ws, sid, sim, account) {
    this.ws = ws;
    this.sid = sid;
    this.account = account;
    /** Registration key: the client id, so that a second socket with that id takes over. Unique per socket on a cloud. */
    this.key = sim.cloud ? randomUUID() : sid;
    this.sim = sim;
    /** Set by a fault: the socket stays open and transmits nothing. */
    this.muted = false;
    /** Whether the close event was handled already. */
    this.closeHandled = false;
    this.sendQueue = new SendQueue(this);
  }
}

export class SocketRegistry {
  /** @param {import("../server/server-process.js").ServerProcess} server */
  constructor(server) {
    this.server = server;
    this.sim = server.sim;
    /** The socket that receives frames, by client id. @type {Map<string, Connection>} */
    this.registered = new Map();
    /** @type {Map<string, Record<string, any>>} */
    this.flags = new Map();
    /** Every open socket, registered or not. @type {Set<Connection>} */
    this.open = new Set();
    /** Client ids whose socket was dropped without the server having noticed. @type {Set<string>} */
    this.unnoticedDrops = new Set();
    /** @type {Map<string, number>} */
    this.counts = new Map();
  }

  /** @param {import("ws").WebSocket} ws @param {string} clientId @param {string} [account] */
  accept(ws, clientId, account) {
    const sid = clientId || randomUUID().replaceAll("-", "");
    const connection = new Connection(ws, sid, this.sim, account);
    const { key } = connection;
    // The close of a predecessor that is already closing must not unregister this socket.
    for (const other of this.open) if (other.key === key && other.ws.readyState !== ws.OPEN) other.closeHandled = true;
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
        // A real server logs malformed messages and ignores them; the next message still counts as the first.
      }
    });
    ws.on("error", () => {});
    ws.on("close", (code) => {
      this.open.delete(connection);
      connection.sendQueue.close();
      this.#forget(connection, code === 1006);
      this.sim.emit("socket_closed", { clientId: sid, code });
    });
    // 0.33.0 notices a dropped socket only when the next one connects, and then unregisters the new one by its client
    // id: the new socket stays open and never receives anything.
    if (this.unnoticedDrops.delete(key)) this.#unregister(key);
    this.sim.emit("socket", { clientId: sid });
  }

  /**
   * Unregisters a closed socket. A real server unregisters by client id, so that a successor can be hit, and notices a
   * dropped connection late.
   * @param {Connection} connection @param {boolean} dropped
   */
  #forget(connection, dropped) {
    const { key, closeHandled } = connection;
    const succeeded = this.registered.get(key) !== connection;
    if (closeHandled || (succeeded && !this.sim.deafAfterDrop)) return;
    if (dropped && !succeeded && this.sim.deafAfterDrop) this.unnoticedDrops.add(key);
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
   * @param {string | null} clientId null: every client
   */
  send(frame, clientId) {
    if (frame.promptId !== undefined) {
      const index = (this.counts.get(frame.promptId) ?? 0) + 1;
      this.counts.set(frame.promptId, index);
      frame = { ...frame, index };
    }
    for (const connection of this.#receivers(frame, clientId)) this.#deliver(connection, frame);
    this.sim.faults.frameSent(frame);
    this.sim.recordFrame(frame, clientId);
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
    for (const outgoing of this.sim.faults.outgoing(connection, frame)) connection.sendQueue.push(outgoing);
  }

  /** Unregisters a client's sockets: they stay open and receive nothing more. @param {string} [clientId] */
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

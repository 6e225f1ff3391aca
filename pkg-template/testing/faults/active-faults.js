// @ts-check
// The active faults, and their effects on frames, handshakes, requests and runs.
import { Fault, isAt } from "./fault.js";
import { sleep } from "../execution/sleep.js";

/** The longest time that `setTimeout` takes. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * @typedef {import("../sockets/socket-registry.js").Connection} Connection
 * @typedef {import("../sockets/socket-registry.js").Frame} Frame
 */

export class ActiveFaults {
  /** @param {import("../simulator.js").Simulator} sim */
  constructor(sim) {
    this.sim = sim;
    /** @type {Fault[]} */
    this.list = [];
  }

  /** @param {string} name @param {Record<string, any>} options @param {number} [times] */
  add(name, options, times = options.times ?? Infinity) {
    const fault = new Fault(name, options, times);
    this.list.push(fault);
    return fault;
  }

  /** @param {string} name */
  #active(name) {
    return this.list.filter((fault) => fault.name === name && fault.active);
  }

  /** Ends the faults of one name, or all. @param {string} [name] */
  clear(name) {
    for (const fault of this.#named(name)) fault.clear();
  }

  /** Releases what the faults of one name, or all, hold back. @param {string} [name] */
  release(name) {
    for (const fault of this.#named(name)) fault.release();
  }

  /** How often the faults of one name, or all, have applied. @param {string} [name] */
  hits(name) {
    return this.#named(name).reduce((sum, fault) => sum + fault.hits, 0);
  }

  /** Waits until an already activated fault of that name has applied. @param {string} name */
  async happened(name) {
    await Promise.race(this.#named(name).map((fault) => fault.happened));
  }

  /** @param {string} [name] */
  #named(name) {
    return this.list.filter((fault) => name === undefined || fault.name === name);
  }

  /** @param {Fault} fault @param {Connection} connection */
  drop({ options }, connection) {
    if (options.how === "close") connection.ws.close(options.code ?? 1001, options.reason ?? "");
    else connection.ws.terminate();
  }

  /** @param {Fault} fault @param {Connection[]} connections */
  mute(fault, connections) {
    fault.apply();
    for (const connection of connections) connection.muted = true;
    void fault.released.then(() => connections.forEach((connection) => (connection.muted = false)));
  }

  /** @param {Fault} fault @param {Connection[]} connections */
  freeze(fault, connections) {
    for (const connection of connections) {
      connection.muted = true;
      connection.ws.pause();
      void fault.released.then(() => {
        connection.muted = false;
        connection.ws.resume();
      });
    }
    fault.apply();
  }

  /**
   * The frames that a socket sends in place of a frame.
   * @param {Connection} connection @param {Frame} frame
   * @returns {Frame[]}
   */
  outgoing(connection, frame) {
    if (!connection.muted && !this.list.some((fault) => fault.active)) return [frame];
    /** @param {Fault} fault */
    const meant = ({ options }) =>
      (options.clientId === undefined || options.clientId === connection.sid) &&
      (options.promptId === undefined || options.promptId === frame.promptId);
    /** @param {string} name */
    const at = (name) => this.#active(name).find((fault) => meant(fault) && isAt(fault.options.at, frame));

    if (!connection.muted) this.#muteFrom(connection, frame, meant);
    if (connection.muted) return [];
    const drop = this.#active("dropSocket").find(
      (fault) => fault.options.at !== undefined && meant(fault) && isAt(fault.options.at, frame),
    );
    if (drop?.apply()) {
      this.drop(drop, connection);
      return [];
    }
    const freeze = this.#active("freezeSocket").find(
      (fault) => fault.options.at !== undefined && meant(fault) && isAt(fault.options.at, frame),
    );
    if (freeze) {
      this.freeze(freeze, [connection]);
      return [];
    }
    if (at("loseFrames")?.apply()) return [];
    const frames = at("repeatFrames")?.apply() ? [frame, frame] : [frame];
    for (const fault of this.#active("garbageFrames").filter(meant)) {
      if (this.#everyNth(fault)) frames.push({ type: "garbage", raw: fault.options.next() });
    }
    for (const fault of this.#active("foreignFrames").filter(meant)) {
      if (frame.promptId !== undefined && this.#everyNth(fault)) frames.push(fault.options.next());
    }
    return frames;
  }

  /**
   * @param {Connection} connection @param {Frame} frame
   * @param {(fault: Fault) => boolean} meant
   */
  #muteFrom(connection, frame, meant) {
    for (const fault of this.#active("muteSocket")) {
      if (!meant(fault)) continue;
      const applied = fault.hits > 0;
      // Sockets opened later are muted too, unless the option says otherwise.
      if (applied ? fault.options.reopened !== "live" : isAt(fault.options.at, frame)) {
        this.mute(fault, [connection]);
      }
    }
  }

  /** @param {Fault} fault */
  #everyNth(fault) {
    fault.options.seen = (fault.options.seen ?? 0) + 1;
    return fault.options.seen % (fault.options.every ?? 1) === 0 && fault.apply();
  }

  /** @param {Connection} connection @param {Frame} frame */
  frameDelay(connection, frame) {
    const slow = this.#active("delayFrames").filter(
      ({ options }) =>
        (options.clientId === undefined || options.clientId === connection.sid) && isAt(options.at, frame),
    );
    for (const fault of slow) fault.apply();
    return Math.max(0, ...slow.map((fault) => fault.options.ms ?? 0));
  }

  packing() {
    const [fault] = this.#active("packFrames");
    if (!fault) return null;
    fault.apply();
    return { separator: fault.options.separator ?? "", waitMs: fault.options.waitMs ?? 20 };
  }

  pieces() {
    const [fault] = this.#active("splitFrames");
    if (!fault) return 1;
    fault.apply();
    return fault.options.pieces ?? 2;
  }

  /** @param {string} clientId */
  refusal(clientId) {
    const fault = this.#active("refuseSockets").find(
      ({ options }) => options.clientId === undefined || options.clientId === clientId,
    );
    fault?.apply();
    return fault ? (fault.options.how ?? 503) : null;
  }

  joinsHandshake() {
    const [fault] = this.#active("joinHandshake");
    return fault ? fault.apply() : false;
  }

  /** @param {string} name @param {import("../http/request.js").Request} request */
  #forRoute(name, request) {
    return this.#active(name).find(({ options }) => {
      if (options.route === undefined) return true;
      if (typeof options.route === "function") return options.route(request);
      return options.route === request.route || options.route === `${request.method} ${request.path}`;
    });
  }

  /** How a request fails, or null. @param {import("../http/request.js").Request} request */
  requestFailure(request) {
    const fault = this.#forRoute("failRequests", request);
    fault?.apply();
    return fault ? (fault.options.how ?? 500) : null;
  }

  /** Delays an answer. @param {import("../http/request.js").Request} request */
  async beforeAnswer(request) {
    const fault = this.#forRoute("delayAnswer", request);
    if (!fault) return;
    fault.apply();
    await this.#hold(fault);
  }

  /** Delays the time between `execution_success` and history. @param {import("../execution/execution.js").Execution} execution */
  async beforeQueueLeave(execution) {
    const fault = this.#active("delayQueueLeave").find(
      ({ options }) => options.promptId === undefined || options.promptId === execution.promptId,
    );
    if (!fault) return;
    fault.apply();
    await this.#hold(fault, execution.abort.signal);
    execution.abort.signal.throwIfAborted();
  }

  /** Holds a run after one of its frames. @param {Frame} frame */
  frameSent(frame) {
    const execution = this.sim.process.executions.get(frame.promptId ?? "");
    const fault = this.#active("holdRun").find(
      ({ options }) => execution && (options.promptId ?? frame.promptId) === frame.promptId && isAt(options.at, frame),
    );
    if (!fault) return;
    fault.apply();
    execution?.hold(this.#hold(fault, execution.abort.signal));
  }

  /** Waits for the time, the frame or the release of a fault. @param {Fault} fault @param {AbortSignal} [signal] */
  async #hold({ options, released }, signal) {
    const { ms, until } = options;
    const over = new AbortController();
    const stop = () => over.abort();
    const seen = (/** @type {any} */ frame) => isAt(until, frame) && stop();
    void released.then(stop);
    signal?.addEventListener("abort", stop);
    if (until !== undefined) this.sim.on("frame", seen);
    // Without `ms` only `until` or a release ends the wait.
    await sleep(ms ?? MAX_TIMER, new AbortController().signal, over.signal);
    this.sim.off("frame", seen);
    signal?.removeEventListener("abort", stop);
  }

  /** @param {string} nodeId @param {string} classType @param {string} promptId */
  nodeFailure(nodeId, classType, promptId) {
    const fault = this.#active("failNode").find(
      ({ options }) =>
        (options.node === undefined || String(options.node) === nodeId) &&
        (options.classType === undefined || options.classType === classType) &&
        (options.promptId === undefined || options.promptId === promptId),
    );
    if (!fault) return null;
    fault.apply();
    const { message = "failed on request", type = "RuntimeError", atStep, blocked = false } = fault.options;
    return { message, type, atStep, blocked };
  }
}

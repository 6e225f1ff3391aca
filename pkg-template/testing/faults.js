// @ts-check
// The misbehaviours. Each method switches one on and answers with its `Fault`.
import { Fault, isAt } from "./fault.js";
import { foreignRun } from "./foreign.js";
import { GARBAGE } from "./garbage.js";
import { pause } from "./pause.js";

const MAX_TIMER = 2 ** 31 - 1;

/** @typedef {import("./index.d.ts").FaultOptions} FaultOptions */

export class Faults {
  /** @param {import("./simulator.js").Simulator} sim */
  constructor(sim) {
    this.sim = sim;
    /** @type {Fault[]} */
    this.list = [];
  }

  /** @param {string} name @param {Record<string, any>} options @param {number} [times] */
  #add(name, options, times = options.times ?? Infinity) {
    const fault = new Fault(name, options, times);
    this.list.push(fault);
    return fault;
  }

  /** @param {string} name */
  #active(name) {
    return this.list.filter((fault) => fault.name === name && fault.active);
  }

  /** Ends the misbehaviours of one name, or all. @param {string} [name] */
  clear(name) {
    for (const fault of this.#named(name)) fault.clear();
  }

  /** Lets go what they hold back. @param {string} [name] */
  release(name) {
    for (const fault of this.#named(name)) fault.release();
  }

  /** How often they have struck. @param {string} [name] */
  hits(name) {
    return this.#named(name).reduce((sum, fault) => sum + fault.hits, 0);
  }

  /** Waits until one of that name, switched on before, has struck. @param {string} name */
  async happened(name) {
    await Promise.race(this.#named(name).map((fault) => fault.happened));
  }

  /** @param {string} [name] */
  #named(name) {
    return this.list.filter((fault) => name === undefined || fault.name === name);
  }

  // Sockets.

  /** @param {FaultOptions["dropSocket"]} [options] */
  dropSocket(options = {}) {
    const fault = this.#add("dropSocket", options, options.times ?? 1);
    if (options.at !== undefined) return fault;
    for (const connection of this.sim.process.hub.connections(options.clientId)) this.#drop(fault, connection);
    fault.strike();
    fault.clear();
    return fault;
  }

  /** @param {Fault} fault @param {import("./hub.js").Connection} connection */
  #drop({ options }, connection) {
    if (options.how === "close") connection.ws.close(options.code ?? 1001, options.reason ?? "");
    else connection.ws.terminate();
  }

  /** @param {FaultOptions["muteSocket"]} [options] */
  muteSocket(options = {}) {
    const fault = this.#add("muteSocket", options);
    if (options.at === undefined) this.#mute(fault, this.sim.process.hub.connections(options.clientId));
    return fault;
  }

  /** @param {Fault} fault @param {import("./hub.js").Connection[]} connections */
  #mute(fault, connections) {
    fault.strike();
    for (const connection of connections) connection.muted = true;
    void fault.released.then(() => connections.forEach((connection) => (connection.muted = false)));
  }

  /** @param {FaultOptions["freezeSocket"]} [options] */
  freezeSocket(options = {}) {
    const fault = this.#add("freezeSocket", options, options.times ?? 1);
    if (options.at === undefined) this.#freeze(fault, this.sim.process.hub.connections(options.clientId));
    return fault;
  }

  /** @param {Fault} fault @param {import("./hub.js").Connection[]} connections */
  #freeze(fault, connections) {
    for (const connection of connections) {
      connection.muted = true;
      connection.ws.pause();
      void fault.released.then(() => {
        connection.muted = false;
        connection.ws.resume();
      });
    }
    fault.strike();
  }

  /** @param {FaultOptions["loseFrames"]} [options] */
  loseFrames(options = {}) {
    return this.#add("loseFrames", options);
  }

  /** @param {FaultOptions["repeatFrames"]} [options] */
  repeatFrames(options = {}) {
    return this.#add("repeatFrames", options);
  }

  /** @param {FaultOptions["refuseSockets"]} [options] */
  refuseSockets(options = {}) {
    return this.#add("refuseSockets", options);
  }

  /** @param {FaultOptions["joinHandshake"]} [options] */
  joinHandshake(options = {}) {
    return this.#add("joinHandshake", options);
  }

  /** @param {FaultOptions["delayFrames"]} options */
  delayFrames(options) {
    return this.#add("delayFrames", options);
  }

  /** @param {FaultOptions["splitFrames"]} [options] */
  splitFrames(options = {}) {
    return this.#add("splitFrames", options);
  }

  /** @param {FaultOptions["packFrames"]} [options] */
  packFrames(options = {}) {
    return this.#add("packFrames", options);
  }

  /** @param {FaultOptions["garbageFrames"]} [options] */
  garbageFrames(options = {}) {
    return this.#add("garbageFrames", { ...options, next: cycle(options.garbage ?? GARBAGE) });
  }

  /** @param {FaultOptions["foreignFrames"]} [options] */
  foreignFrames(options = {}) {
    return this.#add("foreignFrames", { ...options, next: foreignRun(options.promptId) });
  }

  // HTTP.

  /** @param {FaultOptions["failRequests"]} [options] */
  failRequests(options = {}) {
    return this.#add("failRequests", options, options.times ?? 1);
  }

  /** @param {FaultOptions["delayAnswer"]} [options] */
  delayAnswer(options = {}) {
    return this.#add("delayAnswer", options, options.times ?? 1);
  }

  // Prompts.

  /** @param {FaultOptions["failNode"]} [options] */
  failNode(options = {}) {
    return this.#add("failNode", options);
  }

  /** @param {FaultOptions["holdRun"]} [options] */
  holdRun(options = {}) {
    return this.#add("holdRun", options, options.times ?? 1);
  }

  /** @param {FaultOptions["delayQueueLeave"]} [options] */
  delayQueueLeave(options = {}) {
    return this.#add("delayQueueLeave", options, options.times ?? 1);
  }

  // What the server asks.

  /**
   * What leaves instead of a frame.
   * @param {import("./hub.js").Connection} connection @param {import("./hub.js").Frame} frame
   * @returns {import("./hub.js").Frame[]}
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
    if (drop?.strike()) {
      this.#drop(drop, connection);
      return [];
    }
    const freeze = this.#active("freezeSocket").find(
      (fault) => fault.options.at !== undefined && meant(fault) && isAt(fault.options.at, frame),
    );
    if (freeze) {
      this.#freeze(freeze, [connection]);
      return [];
    }
    if (at("loseFrames")?.strike()) return [];
    const frames = at("repeatFrames")?.strike() ? [frame, frame] : [frame];
    for (const fault of this.#active("garbageFrames").filter(meant)) {
      if (this.#everyNth(fault)) frames.push({ type: "garbage", raw: fault.options.next() });
    }
    for (const fault of this.#active("foreignFrames").filter(meant)) {
      if (frame.promptId !== undefined && this.#everyNth(fault)) frames.push(fault.options.next());
    }
    return frames;
  }

  /**
   * @param {import("./hub.js").Connection} connection @param {import("./hub.js").Frame} frame
   * @param {(fault: Fault) => boolean} meant
   */
  #muteFrom(connection, frame, meant) {
    for (const fault of this.#active("muteSocket")) {
      if (!meant(fault)) continue;
      const struck = fault.hits > 0;
      // A socket opened after the silence began is silent as well unless it was asked otherwise.
      if (struck ? fault.options.reopened !== "live" : isAt(fault.options.at, frame)) {
        this.#mute(fault, [connection]);
      }
    }
  }

  /** @param {Fault} fault */
  #everyNth(fault) {
    fault.options.seen = (fault.options.seen ?? 0) + 1;
    return fault.options.seen % (fault.options.every ?? 1) === 0 && fault.strike();
  }

  /** @param {import("./hub.js").Connection} connection @param {import("./hub.js").Frame} frame */
  frameDelay(connection, frame) {
    const slow = this.#active("delayFrames").filter(
      ({ options }) =>
        (options.clientId === undefined || options.clientId === connection.sid) && isAt(options.at, frame),
    );
    for (const fault of slow) fault.strike();
    return Math.max(0, ...slow.map((fault) => fault.options.ms ?? 0));
  }

  packing() {
    const [fault] = this.#active("packFrames");
    if (!fault) return null;
    fault.strike();
    return { separator: fault.options.separator ?? "", waitMs: fault.options.waitMs ?? 20 };
  }

  pieces() {
    const [fault] = this.#active("splitFrames");
    if (!fault) return 1;
    fault.strike();
    return fault.options.pieces ?? 2;
  }

  /** @param {string} clientId */
  refusal(clientId) {
    const fault = this.#active("refuseSockets").find(
      ({ options }) => options.clientId === undefined || options.clientId === clientId,
    );
    fault?.strike();
    return fault ? (fault.options.how ?? 503) : null;
  }

  joinsHandshake() {
    const [fault] = this.#active("joinHandshake");
    return fault ? fault.strike() : false;
  }

  /** @param {string} name @param {import("./http.js").Request} request */
  #forRoute(name, request) {
    return this.#active(name).find(({ options }) => {
      if (options.route === undefined) return true;
      if (typeof options.route === "function") return options.route(request);
      return options.route === request.route || options.route === `${request.method} ${request.path}`;
    });
  }

  /** How a request is to fail, if it is. @param {import("./http.js").Request} request */
  requestFailure(request) {
    const fault = this.#forRoute("failRequests", request);
    fault?.strike();
    return fault ? (fault.options.how ?? 500) : null;
  }

  /** Waits as long as the answer is held back. @param {import("./http.js").Request} request */
  async beforeAnswer(request) {
    const fault = this.#forRoute("delayAnswer", request);
    if (!fault) return;
    fault.strike();
    await this.#hold(fault);
  }

  /** Waits between `execution_success` and leaving the queue. @param {import("./executor.js").Execution} execution */
  async beforeQueueLeave(execution) {
    const fault = this.#active("delayQueueLeave").find(
      ({ options }) => options.promptId === undefined || options.promptId === execution.promptId,
    );
    if (!fault) return;
    fault.strike();
    await this.#hold(fault, execution.abort.signal);
    execution.abort.signal.throwIfAborted();
  }

  /** Whether a run is to stand still from this frame on. @param {import("./hub.js").Frame} frame */
  frameSent(frame) {
    const execution = this.sim.process.executions.get(frame.promptId ?? "");
    const fault = this.#active("holdRun").find(
      ({ options }) => execution && (options.promptId ?? frame.promptId) === frame.promptId && isAt(options.at, frame),
    );
    if (!fault) return;
    fault.strike();
    execution?.hold(this.#hold(fault, execution.abort.signal));
  }

  /** Until the time is up, the frame was sent, or it is released. @param {Fault} fault @param {AbortSignal} [signal] */
  async #hold({ options, released }, signal) {
    const { ms, until } = options;
    const over = new AbortController();
    const stop = () => over.abort();
    const seen = (/** @type {any} */ frame) => isAt(until, frame) && stop();
    void released.then(stop);
    signal?.addEventListener("abort", stop);
    if (until !== undefined) this.sim.on("frame", seen);
    // Without a time it is held for as long as a timer can wait.
    await pause(ms ?? MAX_TIMER, new AbortController().signal, over.signal);
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
    fault.strike();
    const { message = "failed on request", type = "RuntimeError", atStep, blocked = false } = fault.options;
    return { message, type, atStep, blocked };
  }
}

/** @template T @param {T[]} list @returns {() => T} */
function cycle(list) {
  let at = 0;
  return () => list[at++ % list.length];
}

// @ts-check
// Faults that tests activate.
import { ActiveFaults } from "./active-faults.js";
import { otherPromptFrames } from "./other-prompt-frames.js";
import { MALFORMED_FRAMES } from "./malformed-frames.js";

/** @typedef {import("../index.d.ts").FaultOptions} FaultOptions */

/** The public methods that activate a fault; each returns its `Fault`. */
export class Faults extends ActiveFaults {
  // Sockets.

  /** @param {FaultOptions["dropSocket"]} [options] */
  dropSocket(options = {}) {
    const fault = this.add("dropSocket", options, options.times ?? 1);
    if (options.at !== undefined) return fault;
    for (const connection of this.sim.process.sockets.connections(options.clientId)) this.drop(fault, connection);
    fault.apply();
    fault.clear();
    return fault;
  }

  /** @param {FaultOptions["muteSocket"]} [options] */
  muteSocket(options = {}) {
    const fault = this.add("muteSocket", options);
    if (options.at === undefined) this.mute(fault, this.sim.process.sockets.connections(options.clientId));
    return fault;
  }

  /** @param {FaultOptions["freezeSocket"]} [options] */
  freezeSocket(options = {}) {
    const fault = this.add("freezeSocket", options, options.times ?? 1);
    if (options.at === undefined) this.freeze(fault, this.sim.process.sockets.connections(options.clientId));
    return fault;
  }

  /** @param {FaultOptions["loseFrames"]} [options] */
  loseFrames(options = {}) {
    return this.add("loseFrames", options);
  }

  /** @param {FaultOptions["repeatFrames"]} [options] */
  repeatFrames(options = {}) {
    return this.add("repeatFrames", options);
  }

  /** @param {FaultOptions["refuseSockets"]} [options] */
  refuseSockets(options = {}) {
    return this.add("refuseSockets", options);
  }

  /** @param {FaultOptions["joinHandshake"]} [options] */
  joinHandshake(options = {}) {
    return this.add("joinHandshake", options);
  }

  /** @param {FaultOptions["delayFrames"]} options */
  delayFrames(options) {
    return this.add("delayFrames", options);
  }

  /** @param {FaultOptions["splitFrames"]} [options] */
  splitFrames(options = {}) {
    return this.add("splitFrames", options);
  }

  /** @param {FaultOptions["packFrames"]} [options] */
  packFrames(options = {}) {
    return this.add("packFrames", options);
  }

  /** @param {FaultOptions["garbageFrames"]} [options] */
  garbageFrames(options = {}) {
    return this.add("garbageFrames", { ...options, next: cycle(options.garbage ?? MALFORMED_FRAMES) });
  }

  /** @param {FaultOptions["foreignFrames"]} [options] */
  foreignFrames(options = {}) {
    return this.add("foreignFrames", { ...options, next: otherPromptFrames(options.promptId) });
  }

  // HTTP.

  /** @param {FaultOptions["failRequests"]} [options] */
  failRequests(options = {}) {
    return this.add("failRequests", options, options.times ?? 1);
  }

  /** @param {FaultOptions["delayAnswer"]} [options] */
  delayAnswer(options = {}) {
    return this.add("delayAnswer", options, options.times ?? 1);
  }

  // Prompts.

  /** @param {FaultOptions["failNode"]} [options] */
  failNode(options = {}) {
    return this.add("failNode", options);
  }

  /** @param {FaultOptions["holdRun"]} [options] */
  holdRun(options = {}) {
    return this.add("holdRun", options, options.times ?? 1);
  }

  /** @param {FaultOptions["delayQueueLeave"]} [options] */
  delayQueueLeave(options = {}) {
    return this.add("delayQueueLeave", options, options.times ?? 1);
  }
}

/** @template T @param {T[]} list @returns {() => T} */
function cycle(list) {
  let at = 0;
  return () => list[at++ % list.length];
}

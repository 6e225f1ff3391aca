// @ts-check
// One active fault: how often it still applies, how often it has applied, and how to end it.

import { plain } from "../python/json.js";

export class Fault {
  /** @type {(value?: unknown) => void} */
  #markApplied = () => {};
  /** @type {(value?: unknown) => void} */
  #released = () => {};

  /**
   * @param {string} name
   * @param {Record<string, any>} options
   * @param {number} times number of times it applies before it ends by itself
   */
  constructor(name, options, times) {
    this.name = name;
    this.options = options;
    this.left = times;
    /** How often it has applied. */
    this.hits = 0;
    this.active = true;
    /** Resolves when it applies for the first time. */
    this.happened = new Promise((resolve) => (this.#markApplied = resolve));
    /** Resolves when the fault is cleared or released. */
    this.released = new Promise((resolve) => (this.#released = resolve));
  }

  /** Counts one application. @returns {true} */
  apply() {
    this.hits += 1;
    this.left -= 1;
    if (this.left <= 0) this.active = false;
    this.#markApplied();
    return true;
  }

  /** Releases what the fault holds back, and ends it. */
  release() {
    this.clear();
  }

  /** Ends the fault. */
  clear() {
    this.active = false;
    this.#released();
  }
}

/**
 * Whether `at` selects a frame. A number selects from that frame of the prompt on (1 is `execution_start`), a string
 * selects by type (`"end"` is `executing` with node null), a function decides by itself.
 * @param {number | string | ((frame: any) => boolean) | undefined} at
 * @param {import("../sockets/socket-registry.js").Frame} frame
 */
export function isAt(at, frame) {
  if (at === undefined) return true;
  if (typeof at === "number") return frame.index !== undefined && frame.index >= at;
  if (typeof at === "function") {
    const { type, data, promptId, index, nodeId, text } = frame;
    return at({ type, data: plain(data), promptId, index, nodeId, text });
  }
  if (at === "end") return frame.type === "executing" && frame.promptId !== undefined && frame.data.node === null;
  return frame.type === at;
}

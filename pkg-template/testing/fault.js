// @ts-check
// One misbehaviour that was asked for: how often it may strike, whether it has, and how to end it.

import { plain } from "./json.js";

export class Fault {
  /** @type {(value?: unknown) => void} */
  #struck = () => {};
  /** @type {(value?: unknown) => void} */
  #released = () => {};

  /**
   * @param {string} name
   * @param {Record<string, any>} options
   * @param {number} times how often it strikes before it ends by itself
   */
  constructor(name, options, times) {
    this.name = name;
    this.options = options;
    this.left = times;
    /** How often it has struck. */
    this.hits = 0;
    this.active = true;
    /** Resolves when it strikes for the first time. */
    this.happened = new Promise((resolve) => (this.#struck = resolve));
    /** Resolves when it is cleared or, for one that holds something back, released. */
    this.released = new Promise((resolve) => (this.#released = resolve));
  }

  /** Counts a strike. @returns {true} */
  strike() {
    this.hits += 1;
    this.left -= 1;
    if (this.left <= 0) this.active = false;
    this.#struck();
    return true;
  }

  /** Lets go what it holds back, and ends it. */
  release() {
    this.clear();
  }

  /** Ends it. */
  clear() {
    this.active = false;
    this.#released();
  }
}

/**
 * Whether a frame is the one that `at` means: a number counts the frames about one prompt (1 is `execution_start`),
 * a text is a frame's type (`"end"`: `executing` with node null), a function decides itself.
 * @param {number | string | ((frame: any) => boolean) | undefined} at
 * @param {import("./hub.js").Frame} frame
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

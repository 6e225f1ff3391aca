// @ts-check
// The simulators that scenarios ask for, on the side of Node.
import { startSimulator } from "comfyui-autoflow/testing";

/** Answers what a scenario asks of its simulators, be it in this process or in a page. */
export class Simulators {
  /** @type {Map<number, any>} */
  #running = new Map();
  #count = 0;

  /**
   * @param {number | null} id of a simulator; null to start one
   * @param {string} name of a method or property of it, or of a part of it: `faults.muteSocket`
   * @param {any[]} args
   * @returns {Promise<any>} a plain value
   */
  async ask(id, name, args) {
    if (id === null) {
      // A page is of another origin than its simulator.
      const simulator = await startSimulator({ cors: true, ...args[0] });
      this.#running.set(++this.#count, simulator);
      return { id: this.#count, url: simulator.url };
    }
    const simulator = this.#running.get(id);
    // A scenario may have closed it by itself.
    if (!simulator && name === "close") return undefined;
    const path = name.split(".");
    const owner = path.slice(0, -1).reduce((object, key) => object[key], simulator);
    const member = owner[path[path.length - 1]];
    if (member === undefined) throw new Error(`the simulator has no ${name}`);
    if (name === "close") this.#running.delete(id);
    return plain(typeof member === "function" ? await member.apply(owner, args.map(bytes)) : member);
  }

  async close() {
    await Promise.all([...this.#running.values()].map((simulator) => simulator.close()));
    this.#running.clear();
  }
}

/** Bytes, which reach here from a page as numbers. @param {any} value */
function bytes(value) {
  return value?.bytes ? Uint8Array.from(value.bytes) : value;
}

/**
 * What a page can get too, so that no scenario leans on more: values, not handles.
 *
 * @param {unknown} value
 */
function plain(value) {
  const isHandle = value instanceof Object && ![Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
  return value === undefined || isHandle ? undefined : JSON.parse(JSON.stringify(value));
}

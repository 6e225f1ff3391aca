// @ts-check
// Progress of each started node of a running prompt; `progress_state` carries the whole snapshot.
import { Float } from "../python/json.js";

/**
 * @typedef {object} NodeIds
 * @property {string} display
 * @property {string | null} parent
 * @property {string} real
 */

export class ProgressRegistry {
  /** @param {string} promptId @param {(id: string) => NodeIds} idsOf */
  constructor(promptId, idsOf) {
    this.promptId = promptId;
    this.idsOf = idsOf;
    /** @type {Map<string, {value: any, max: any, state: string}>} */
    this.nodes = new Map();
  }

  /** @param {string} id */
  start(id) {
    this.nodes.set(id, { value: new Float(0), max: new Float(1), state: "running" });
  }

  /** @param {string} id @param {number} value @param {number} max */
  update(id, value, max) {
    this.nodes.set(id, { value, max, state: "running" });
  }

  /** @param {string} id */
  finish(id) {
    const max = this.nodes.get(id)?.max ?? 1;
    this.nodes.set(id, { value: max, max, state: "finished" });
  }

  /** @param {string} id */
  describe(id) {
    const ids = this.idsOf(id);
    return {
      node_id: id,
      prompt_id: this.promptId,
      display_node_id: ids.display,
      parent_node_id: ids.parent,
      real_node_id: ids.real,
    };
  }

  /** The `data` of a `progress_state` frame. */
  snapshot() {
    return {
      prompt_id: this.promptId,
      nodes: new Map([...this.nodes].map(([id, state]) => [id, { ...state, ...this.describe(id) }])),
    };
  }
}

// @ts-check
// Cached node results. The key is the node's class, its values and, through its links, the keys of its ancestors; not
// its id. Only results that the latest prompt uses are kept.
import { createHash } from "node:crypto";
import { isLink } from "./execution-order.js";
import { dumps } from "../python/json.js";

/**
 * @typedef {object} CacheEntry
 * @property {any[]} outputs
 * @property {{output: any, meta: any} | null} ui
 */

export class ResultCache {
  constructor() {
    /** @type {Map<string, CacheEntry>} */
    this.entries = new Map();
    /** @type {Map<string, string>} */
    this.signatures = new Map();
  }

  /**
   * Starts a new prompt and evicts the results that it does not use.
   * @param {Map<string, any>} prompt
   * @param {Record<string, import("../nodes/index.js").NodeDefinition>} nodes
   * @param {Map<string, string>} [parents] the node that each inner node was expanded from
   */
  open(prompt, nodes, parents = new Map()) {
    this.prompt = prompt;
    this.parents = parents;
    this.nodes = nodes;
    this.signatures.clear();
    const used = new Set([...prompt.keys()].map((id) => this.signature(id)));
    for (const key of this.entries.keys()) if (!used.has(key)) this.entries.delete(key);
  }

  /** @param {string} id @returns {string} */
  signature(id, visiting = /** @type {string[]} */ ([])) {
    const known = this.signatures.get(id);
    if (known !== undefined) return known;
    const node = this.prompt?.get(id);
    // A dangling link or a cycle never runs; the value only has to be unique.
    if (!node || visiting.includes(id)) return `?${id}`;
    const definition = this.nodes?.[node.get("class_type")];
    const inputs = [...(node.get("inputs") ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        isLink(value) ? [name, "link", this.signature(value[0], [...visiting, id]), value[1]] : [name, value],
      );
    const own = definition?.hidden_unique_id ? id : null;
    const changed = definition?.is_changed?.(node.get("inputs")) ?? null;
    // Hashed, as nested JSON would double its escapes with every node of a chain.
    const parent = this.parents?.get(id);
    const within = parent === undefined ? null : this.signature(parent, [...visiting, id]);
    const text = dumps([node.get("class_type"), own, changed, inputs, within]);
    const signature = createHash("sha256").update(text).digest("base64");
    this.signatures.set(id, signature);
    return signature;
  }

  /** @param {string} id */
  get(id) {
    return this.entries.get(this.signature(id));
  }

  /** @param {string} id @param {CacheEntry} entry */
  set(id, entry) {
    this.entries.set(this.signature(id), entry);
  }

  clear() {
    this.entries.clear();
  }
}

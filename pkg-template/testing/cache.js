// @ts-check
// Results that are kept between prompts, found again by what a node computes and not by its id: its class, its
// values and, through its links, the same of its ancestors. Only what the latest prompt holds survives it.
import { createHash } from "node:crypto";
import { isLink } from "./execution-order.js";
import { dumps } from "./json.js";

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
   * Turns to a new prompt and drops what it does not use.
   * @param {Map<string, any>} prompt
   * @param {Record<string, import("./nodes/index.js").NodeDefinition>} nodes
   */
  open(prompt, nodes) {
    this.prompt = prompt;
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
    // A dangling link or a cycle cannot run; whatever stands here only has to be unlike anything else.
    if (!node || visiting.includes(id)) return `?${id}`;
    const definition = this.nodes?.[node.get("class_type")];
    const inputs = [...(node.get("inputs") ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        isLink(value) ? [name, "link", this.signature(value[0], [...visiting, id]), value[1]] : [name, value],
      );
    const own = definition?.hidden_unique_id ? id : null;
    const changed = definition?.is_changed?.(node.get("inputs")) ?? null;
    // Hashed: written out, each quote in it would be escaped once more per level, and double with every node of a chain.
    const text = dumps([node.get("class_type"), own, changed, inputs]);
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

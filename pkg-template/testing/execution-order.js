// @ts-check
// Which node runs next. ComfyUI dissolves the graph from its outputs and prefers, among the nodes that are ready,
// one that shows something, then one right before such a node, then one two before it (recordings: two_outputs).

/** @param {any} value */
export function isLink(value) {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && typeof value[1] === "number";
}

export class ExecutionOrder {
  /**
   * @param {(id: string) => Map<string, any> | undefined} inputsOf undefined for a node that is not there
   * @param {(id: string) => boolean} isOutput
   * @param {(id: string) => boolean} isCached
   */
  constructor(inputsOf, isOutput, isCached) {
    this.inputsOf = inputsOf;
    this.isOutput = isOutput;
    this.isCached = isCached;
    /** Nodes to run, each with the nodes it waits for. @type {Map<string, Set<string>>} */
    this.waitsFor = new Map();
    /** @type {Map<string, Set<string>>} */
    this.blocks = new Map();
  }

  /** @param {string} output */
  add(output) {
    const stack = [output];
    /** @type {[string, string][]} */
    const links = [];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.waitsFor.has(id)) continue;
      this.waitsFor.set(id, new Set());
      this.blocks.set(id, new Set());
      if (this.isCached(id)) continue;
      for (const value of this.inputsOf(id)?.values() ?? []) {
        if (!isLink(value) || this.inputsOf(value[0]) === undefined || this.isCached(value[0])) continue;
        stack.push(value[0]);
        links.push([value[0], id]);
      }
    }
    for (const [from, to] of links) this.link(from, to);
  }

  /** @param {string} from @param {string} to */
  link(from, to) {
    if (this.isCached(from)) return;
    this.add(from);
    this.waitsFor.get(to)?.add(from);
    this.blocks.get(from)?.add(to);
  }

  /** @param {string} id */
  finish(id) {
    for (const other of this.blocks.get(id) ?? []) this.waitsFor.get(other)?.delete(id);
    this.waitsFor.delete(id);
    this.blocks.delete(id);
  }

  /** @returns {string | undefined} */
  next() {
    const ready = [...this.waitsFor].filter(([, waits]) => waits.size === 0).map(([id]) => id);
    /** @param {string} id */
    const blocked = (id) => [...(this.blocks.get(id) ?? [])];
    return (
      ready.find((id) => this.isOutput(id)) ??
      ready.find((id) => blocked(id).some((next) => this.isOutput(next))) ??
      ready.find((id) => blocked(id).some((next) => blocked(next).some((last) => this.isOutput(last)))) ??
      ready[0]
    );
  }
}

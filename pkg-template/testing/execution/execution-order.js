// @ts-check
// Order of execution, as ComfyUI's ExecutionList: among the ready nodes an output node comes first, then a parent of
// one, then a grandparent of one (recording: two_outputs).

/** @param {any} value */
export function isLink(value) {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && typeof value[1] === "number";
}

export class ExecutionOrder {
  /**
   * @param {(id: string) => Map<string, any> | undefined} inputsOf undefined if the node does not exist
   * @param {(id: string, input: string) => boolean} isLazy whether a link is followed only on request
   * @param {(id: string) => boolean} isOutput
   * @param {(id: string) => boolean} isCached
   */
  constructor(inputsOf, isLazy, isOutput, isCached) {
    this.inputsOf = inputsOf;
    this.isLazy = isLazy;
    this.isOutput = isOutput;
    this.isCached = isCached;
    /** Remaining nodes, each with the nodes it waits for. @type {Map<string, Set<string>>} */
    this.waitsFor = new Map();
    /** @type {Map<string, Set<string>>} */
    this.blocks = new Map();
  }

  /** Adds a node with its ancestors, except those behind lazy inputs. @param {string} output */
  add(output) {
    const stack = [output];
    /** @type {[string, string][]} */
    const links = [];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.waitsFor.has(id)) continue;
      this.waitsFor.set(id, new Set());
      this.blocks.set(id, new Set());
      if (this.isCached(id)) continue;
      for (const [name, value] of this.inputsOf(id) ?? []) {
        if (!isLink(value) || this.inputsOf(value[0]) === undefined || this.isCached(value[0])) continue;
        if (this.isLazy(id, name)) continue;
        stack.push(value[0]);
        links.push([value[0], id]);
      }
    }
    for (const [from, to] of links) this.link(from, to);
  }

  /** Makes a node wait for another one. @param {string} from @param {string} to */
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

  /** The next node to run; it stays in the list until `finish`. @returns {string | undefined} */
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

// @ts-check
// State of each node of a run, from the run's events.

/**
 * @typedef {object} NodeState
 * @property {"waiting" | "cached" | "running" | "done" | "failed" | "stopped" | "refused"} state
 * @property {number} value steps done
 * @property {number} max steps in all; 0 where it does not say
 * @property {number} [began] when it began to run, in seconds of Unix time
 * @property {number} [seconds] that it ran
 * @property {ImageBitmap} [picture] the last one that it showed
 * @property {string} [text] that it showed
 * @property {boolean} [unused] it was not needed, rather than cached
 */

/** @type {NodeState} */
const WAITING = Object.freeze({ state: "waiting", value: 0, max: 0 });

export class NodeStates {
  /** Ids of the prompt's nodes. @type {string[]} */
  ids;
  /** @type {Set<string>} */
  #known;
  /** @type {Map<string, NodeState>} */
  #states = new Map();
  /** Node ids inside of each subgraph instance. @type {Map<string, string[]>} */
  #members = new Map();
  /** @type {Set<string>} */
  #running = new Set();
  /** Nodes that the server named as cached; null before it did. @type {Set<string> | null} */
  #cached = null;
  #completed = 0;
  #skipped = 0;
  /** Whether a node is running. */
  get running() {
    return this.#running.size > 0;
  }

  /** @param {string[]} ids */
  constructor(ids) {
    this.ids = ids;
    this.#known = new Set(ids);
  }

  /** @param {string} id */
  get(id) {
    return this.#states.get(id) ?? WAITING;
  }

  /** State of a drawn node; a subgraph instance sums up its nodes. @param {{ id: string, subgraph?: boolean }} node */
  of(node) {
    return node.subgraph ? this.#sum(node.id) : this.get(node.id);
  }

  /** @param {string} id @param {Partial<NodeState>} change */
  change(id, change) {
    const known = this.#states.get(id);
    if (known) Object.assign(known, change);
    else this.#states.set(id, { ...WAITING, ...change });
  }

  /** @param {import("comfyui-autoflow").ComfyEvent} event */
  take(event) {
    const { nodes_completed: completed, nodes_skipped: skipped } = event;
    // A node that turns out to run after all leaves the list of skipped ones.
    this.#skipped = Math.min(this.#skipped, skipped.length);
    this.#completed = Math.min(this.#completed, completed.length);
    if (event.type === "execution_cached" && Array.isArray(event.data.nodes)) this.#cached = new Set(event.data.nodes.map(String));
    for (; this.#skipped < skipped.length; this.#skipped += 1) {
      const id = skipped[this.#skipped];
      if (this.get(id).state === "waiting") this.change(id, { state: "cached", unused: this.#cached?.has(id) === false });
    }
    for (; this.#completed < completed.length; this.#completed += 1) this.#end(completed[this.#completed], "done", event.ts);

    if (event.node_current !== null) {
      const id = this.#visible(event.node_current);
      this.#begin(id, event.ts);
      if (event.node_progress_max) {
        this.change(id, { value: event.node_progress_value ?? 0, max: event.node_progress_max });
      }
    }
    switch (event.type) {
      case "progress_state":
        for (const [id, node] of Object.entries(event.data.nodes ?? {})) this.#several(this.#visible(id), node, event.ts);
        break;
      case "error":
        if (event.data.node_id) this.#end(this.#visible(event.data.node_id), "failed", event.ts);
        this.#stopAll(event.ts);
        break;
      case "interrupted":
        this.#stopAll(event.ts);
        break;
      case "completed":
        for (const id of [...this.#running]) this.#end(id, "done", event.ts);
        break;
    }
  }

  /** Counts nodes by how they were passed over. @returns {{ cached: number, unused: number, refused: number }} */
  passedOver() {
    const counts = { cached: 0, unused: 0, refused: 0 };
    for (const { state, unused } of this.#states.values()) {
      if (state === "refused") counts.refused += 1;
      else if (state === "cached") counts[unused ? "unused" : "cached"] += 1;
    }
    return counts;
  }

  /** Marks all running nodes as stopped. @param {number} [ts] */
  stop(ts = Date.now() / 1000) {
    this.#stopAll(ts);
  }

  /** Nodes created by expansion count for the node that shows them. @param {string} id */
  #visible(id) {
    return this.#known.has(id) ? id : id.replace(/\..*$/, "");
  }

  /** @param {string} id @param {number} ts */
  #begin(id, ts) {
    if (this.#running.has(id)) return;
    const { state } = this.get(id);
    if (state === "done" || state === "failed") return;
    this.#running.add(id);
    this.change(id, { state: "running", began: ts });
  }

  /** @param {string} id @param {"done" | "failed" | "stopped"} state @param {number} ts */
  #end(id, state, ts) {
    const { began } = this.get(id);
    this.#running.delete(id);
    this.change(id, { state, ...(began === undefined ? {} : { seconds: ts - began }) });
  }

  /** A server can run several nodes at once. @param {string} id @param {import("comfyui-autoflow").NodeState} node @param {number} ts */
  #several(id, node, ts) {
    if (node?.state !== "running") return;
    this.#begin(id, ts);
    if (node.max > 1 && this.get(id).state === "running") this.change(id, { value: node.value, max: node.max });
  }

  /** @param {number} ts */
  #stopAll(ts) {
    for (const id of [...this.#running]) this.#end(id, "stopped", ts);
  }

  /** @param {string} id of a subgraph's instance @returns {NodeState} */
  #sum(id) {
    let members = this.#members.get(id);
    if (!members) {
      members = this.ids.filter((one) => one.startsWith(`${id}:`));
      this.#members.set(id, members);
    }
    const states = members.map((one) => this.get(one));
    const count = (/** @type {NodeState["state"]} */ which) => states.filter(({ state }) => state === which).length;
    const finished = count("done") + count("cached");
    const picture = states.findLast((state) => state.picture)?.picture;
    /** @type {NodeState["state"]} */
    let state = "waiting";
    if (count("failed")) state = "failed";
    else if (count("refused")) state = "refused";
    else if (count("stopped")) state = "stopped";
    else if (count("running") || (finished > 0 && finished < states.length && this.running)) state = "running";
    else if (states.length && count("cached") === states.length) state = "cached";
    else if (states.length && finished === states.length) state = "done";
    const seconds = states.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
    return { state, value: finished, max: states.length, picture, seconds };
  }
}

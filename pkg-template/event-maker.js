// @ts-check
// Events, and the objects of frames: JavaScript makes them faster than Rust can.

/** Types of our own events: no frame of a server or custom node may pass for one of them. */
const OWN_TYPES = new Set([
  "completed", "connection", "error", "interrupted", "preview", "progress_text", "queue", "refused", "submitted",
]);

/** Makes the events of one run. The fields are those of every event; Rust sets one when it changes. */
export class EventMaker {
  /** @type {string | null} */
  node_current = null;
  /** @type {string | null} */
  node_title = null;
  /** @type {string | null} */
  node_type = null;
  /** @type {readonly string[]} */
  nodes_total = [];
  /** @type {readonly string[]} */
  nodes_completed = [];
  /** @type {readonly string[]} */
  nodes_skipped = [];
  /** @type {readonly string[]} */
  nodes_done = [];
  node_progress = 0;
  node_progress_value = 0;
  node_progress_max = 0;
  nodes_progress = 0;
  time_queued_s = 0;

  /**
   * @param {string} client_id
   * @param {string} prompt_id
   * @param {number} time_submitted
   */
  constructor(client_id, prompt_id, time_submitted) {
    this.client_id = client_id;
    this.prompt_id = prompt_id;
    this.time_submitted = time_submitted;
  }

  /**
   * The event of a text frame.
   *
   * @param {string} text
   * @param {number} ts
   * @param {number} time_elapsed_s
   * @param {number} node_execution_time_s
   */
  text(text, ts, time_elapsed_s, node_execution_time_s) {
    const raw = JSON.parse(text);
    return this.event(nameOf(raw), dataOf(raw), raw, ts, time_elapsed_s, node_execution_time_s);
  }

  /**
   * The event of a text frame that was read already.
   *
   * @param {{ type: string, data: object }} raw
   * @param {number} ts
   * @param {number} time_elapsed_s
   * @param {number} node_execution_time_s
   */
  frame(raw, ts, time_elapsed_s, node_execution_time_s) {
    return this.event(raw.type, raw.data, raw, ts, time_elapsed_s, node_execution_time_s);
  }

  /**
   * The event of a `progress` frame with these fields and no others.
   *
   * @param {number} value
   * @param {number} max
   * @param {string} prompt_id
   * @param {string} node
   * @param {number} ts
   * @param {number} time_elapsed_s
   * @param {number} node_execution_time_s
   */
  progress(value, max, prompt_id, node, ts, time_elapsed_s, node_execution_time_s) {
    const data = { value, max, prompt_id, node };
    return this.event("progress", data, { type: "progress", data }, ts, time_elapsed_s, node_execution_time_s);
  }

  /**
   * @param {number} value
   * @param {number} max
   * @param {number} percent
   * @param {number} share of the prompt's nodes
   */
  setSteps(value, max, percent, share) {
    this.nodes_progress = share;
    this.node_progress_value = value;
    this.node_progress_max = max;
    this.node_progress = percent;
  }

  /**
   * @param {string} type
   * @param {any} data
   * @param {any} raw
   * @param {number} ts
   * @param {number} time_elapsed_s
   * @param {number} node_execution_time_s
   */
  event(type, data, raw, ts, time_elapsed_s, node_execution_time_s) {
    return {
      type,
      data,
      raw,
      ts,
      client_id: this.client_id,
      prompt_id: this.prompt_id,
      node_current: this.node_current,
      nodes_total: this.nodes_total,
      nodes_completed: this.nodes_completed,
      nodes_skipped: this.nodes_skipped,
      nodes_done: this.nodes_done,
      node_progress: this.node_progress,
      node_progress_value: this.node_progress_value,
      node_progress_max: this.node_progress_max,
      nodes_progress: this.nodes_progress,
      node_title: this.node_title,
      node_type: this.node_type,
      time_submitted: this.time_submitted,
      time_queued_s: this.time_queued_s,
      time_elapsed_s,
      node_execution_time_s,
    };
  }
}

/**
 * The type of a frame's event: none of a server's frames passes for one of our own events.
 *
 * @param {{ type: unknown }} raw
 */
export function nameOf(raw) {
  const type = String(raw.type);
  return OWN_TYPES.has(type) ? `frame:${type}` : type;
}

/**
 * The `data` of a frame: always an object, a list becomes `{ messages }`.
 *
 * @param {Record<string, any>} raw
 */
export function dataOf(raw) {
  const { data } = raw;
  if (Array.isArray(data)) return { messages: data };
  return typeof data === "object" && data !== null ? data : {};
}

/**
 * The objects of successive `progress_state` frames of one prompt. Entries of nodes are frozen, and shared between frames
 * until they change.
 */
export class Snapshots {
  /** @type {Record<string, object>} */
  #nodes = {};

  /** @param {string} text of the whole frame */
  first(text) {
    const raw = JSON.parse(text);
    this.#nodes = frozenEntries(raw.data.nodes);
    raw.data.nodes = { ...this.#nodes };
    return raw;
  }

  /**
   * @param {string} prompt_id
   * @param {string} changed JSON text of the entries that changed since; empty where none did
   */
  next(prompt_id, changed) {
    // Spread, not assigned: an id may be `__proto__`.
    if (changed) this.#nodes = { ...this.#nodes, ...frozenEntries(JSON.parse(changed)) };
    return { type: "progress_state", data: { prompt_id, nodes: { ...this.#nodes } } };
  }
}

/** @param {Record<string, any>} nodes */
function frozenEntries(nodes) {
  for (const entry of Object.values(nodes)) deepFreeze(entry);
  return nodes;
}

/** @param {any} value */
function deepFreeze(value) {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
}

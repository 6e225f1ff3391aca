// @ts-check
// Pending prompts, running prompts and the history.

/**
 * @typedef {object} QueueItem
 * @property {number} number
 * @property {string} promptId
 * @property {Map<string, any>} prompt
 * @property {Map<string, any>} extraData
 * @property {string[]} outputs
 */

/** @param {QueueItem} item */
export function tuple(item) {
  return [item.number, item.promptId, item.prompt, item.extraData, item.outputs];
}

/** @param {QueueItem} a @param {QueueItem} b */
function before(a, b) {
  return a.number !== b.number ? a.number < b.number : a.promptId < b.promptId;
}

export class PromptQueue {
  /** @param {() => void} changed called after each change; sends the `status` frame */
  constructor(changed) {
    this.changed = changed;
    /** A binary heap, as ComfyUI keeps it: `GET /queue` shows it unsorted. @type {QueueItem[]} */
    this.pending = [];
    /** @type {QueueItem[]} */
    this.running = [];
    /** @type {Map<string, Map<string, any>>} */
    this.history = new Map();
    this.held = false;
    /** @type {(() => void) | null} */
    this.wake = null;
  }

  get remaining() {
    return this.pending.length + this.running.length;
  }

  /** @param {QueueItem} item */
  put(item) {
    this.pending.push(item);
    this.#heapify();
    this.changed();
    this.wake?.();
  }

  /** Moves the next pending prompt to running. Undefined when none is pending or the queue is held. */
  take() {
    if (this.held || this.pending.length === 0) return undefined;
    const [item] = this.pending.splice(0, 1);
    this.#heapify();
    this.running.push(item);
    this.changed();
    return item;
  }

  /** @param {QueueItem} item @param {Map<string, any>} historyItem */
  done(item, historyItem) {
    this.running = this.running.filter((other) => other !== item);
    this.history.set(item.promptId, historyItem);
    this.changed();
  }

  /** @param {string} promptId */
  isRunning(promptId) {
    return this.running.some((item) => item.promptId === promptId);
  }

  /** Removes a pending prompt. @param {string} promptId */
  delete(promptId) {
    const index = this.pending.findIndex((item) => item.promptId === promptId);
    if (index < 0) return false;
    // Deleting the last pending prompt sends two `status` frames: ComfyUI wipes the queue, then reports the deletion.
    if (this.pending.length === 1) this.clear();
    else {
      this.pending.splice(index, 1);
      this.#heapify();
    }
    this.changed();
    return true;
  }

  clear() {
    this.pending = [];
    this.changed();
  }

  /** Removes a prompt from queue and history without a `status` frame. @param {string} promptId */
  forget(promptId) {
    this.pending = this.pending.filter((item) => item.promptId !== promptId);
    this.running = this.running.filter((item) => item.promptId !== promptId);
    this.history.delete(promptId);
  }

  /** Moves these pending prompts to the front, in this order. @param {string[]} promptIds */
  reorder(promptIds) {
    const lowest = Math.min(0, ...this.pending.map((item) => item.number));
    for (const item of this.pending) {
      const place = promptIds.indexOf(item.promptId);
      if (place >= 0) item.number = lowest - promptIds.length + place;
    }
    this.#heapify();
  }

  #heapify() {
    for (let index = (this.pending.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  /** @param {number} index */
  #sink(index) {
    const heap = this.pending;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && before(heap[child], heap[least])) least = child;
      }
      if (least === index) return;
      [heap[index], heap[least]] = [heap[least], heap[index]];
      index = least;
    }
  }
}

// @ts-check
// The events of a run, up to a limit, and their filter.

const KEPT = 20_000;
/** `progress_state` events are as large as the prompt, and each replaces the ones before. */
const KEPT_SNAPSHOTS = 200;

export class EventLog {
  /** @type {import("comfyui-autoflow").ComfyEvent[]} */
  events = [];
  /** Number of events received. */
  count = 0;
  #snapshots = 0;

  /** @param {import("comfyui-autoflow").ComfyEvent} event */
  add(event) {
    this.count += 1;
    this.events.push(event);
    // Dropped in bulk, as shifting a long array is linear.
    if (this.events.length > KEPT) this.events = this.events.slice(KEPT / 2);
    if (event.type !== "progress_state") return;
    this.#snapshots += 1;
    if (this.#snapshots > KEPT_SNAPSHOTS * 2) this.#thin();
  }

  /** Drops the older `progress_state` events. */
  #thin() {
    let old = this.#snapshots - KEPT_SNAPSHOTS;
    this.events = this.events.filter((event) => event.type !== "progress_state" || (old -= 1) < 0);
    this.#snapshots = KEPT_SNAPSHOTS;
  }
}

/** One line for an event, whatever a server put into it. @param {import("comfyui-autoflow").ComfyEvent} event */
export function summary(event) {
  try {
    return line(event) ?? "";
  } catch {
    return JSON.stringify(event.data) ?? "";
  }
}

/** @param {import("comfyui-autoflow").ComfyEvent} event @returns {string | undefined} */
function line(event) {
  switch (event.type) {
    case "progress":
      return `node ${event.data.node ?? event.node_current}: ${event.data.value} of ${event.data.max}`;
    case "progress_state": {
      const nodes = Object.values(event.data.nodes ?? {});
      const running = nodes.filter((node) => node?.state === "running").map(({ node_id }) => node_id);
      return `${nodes.length} seen${running.length ? `, running ${running.join(", ")}` : ""}`;
    }
    case "executing":
      return event.data.node === null ? "none left" : `node ${event.data.node}`;
    case "preview":
      return `node ${event.data.node_id ?? event.node_current}: ${event.data.mime_type}`;
    case "queue":
      return event.data.position ? `position ${event.data.position}` : "running";
    case "connection":
      return [event.data.state, event.data.reason].filter(Boolean).join(": ");
    case "error":
      return event.data.exception_message?.trim() ?? event.data.message ?? "";
    default:
      return JSON.stringify(event.data);
  }
}

/**
 * Events whose type or line contains all words.
 *
 * @param {import("comfyui-autoflow").ComfyEvent[]} events
 * @param {string} text
 * @param {Set<string>} hidden types that are not shown
 */
export function filtered(events, text, hidden) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length && !hidden.size) return events;
  return events.filter((event) => {
    if (hidden.has(event.type)) return false;
    if (!words.length) return true;
    const line = `${event.type} ${summary(event)}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

/** An event as indented JSON; Blobs show type and size. @param {unknown} value */
export function pretty(value) {
  const size = (/** @type {string} */ _, /** @type {unknown} */ inner) =>
    inner instanceof Blob ? `<${inner.type}, ${inner.size} bytes>` : inner;
  return JSON.stringify(value, size, 2) ?? "";
}

// @ts-check
// What Rust leaves to JavaScript: the error class, and the objects that JavaScript makes faster than Rust can. Making
// an event here costs a third of serialising it field by field.

/** Why a call failed, for programs (`code`, `hint`) and for people (`message`). */
export class ComfyError extends Error {
  /** What happened, without the advice that the message ends with. */
  #summary;

  /**
   * @param {string} code
   * @param {string} summary what happened
   * @param {Record<string, unknown>} [details]
   * @param {string} [advice] what to do next, a sentence
   */
  constructor(code, summary, details, advice) {
    super(advice ? `${summary} ${advice}` : summary);
    this.#summary = summary;
    this.name = "ComfyError";
    this.code = code;
    assignOwn(this, details);
  }

  get summary() {
    return this.#summary;
  }

  toJSON() {
    return { .../** @type {object} */ (this), message: this.message };
  }
}

/**
 * The same error with a hint. A new one, because `stack` repeats the message.
 *
 * @param {ComfyError} error
 * @param {string} advice a short code
 * @param {string | undefined} option
 * @param {string} sentence the advice for people; empty where the message has it already
 */
function advise({ code, summary, ...details }, advice, option, sentence) {
  const hint = option === undefined ? { advice } : { option, advice };
  return new ComfyError(code, summary, { ...details, hint }, sentence);
}

/** @typedef {{ node_current: string | null, node_title: string | null, node_type: string | null }} CurrentNode */

/**
 * An event of a text frame: its JSON text, and the rest as `event` takes it. Spelt out, because collecting the rest in a
 * list costs as much as parsing the text.
 *
 * @param {string} text
 * @param {number} ts
 * @param {{ client_id: string, prompt_id: string, time_submitted: number }} run
 * @param {CurrentNode} current
 * @param {readonly string[]} total
 * @param {readonly string[]} completed
 * @param {readonly string[]} skipped
 * @param {readonly string[]} done
 * @param {number} progress
 * @param {number} value
 * @param {number} max
 * @param {number} share
 * @param {number} queued
 * @param {number} elapsed
 * @param {number} execution
 */
function frameEvent(
  text, ts, run, current, total, completed, skipped, done, progress, value, max, share, queued, elapsed, execution,
) {
  const raw = JSON.parse(text);
  return event(
    String(raw.type), dataOf(raw), raw, ts, run, current, total, completed, skipped, done, progress, value, max, share,
    queued, elapsed, execution,
  );
}

/**
 * An event that is not a text frame's own.
 *
 * @param {string} type
 * @param {any} data
 * @param {any} raw
 * @param {number} ts Unix time in seconds
 * @param {{ client_id: string, prompt_id: string, time_submitted: number }} run
 * @param {CurrentNode} current
 * @param {readonly string[]} nodes_total
 * @param {readonly string[]} nodes_completed
 * @param {readonly string[]} nodes_skipped
 * @param {readonly string[]} nodes_done
 * @param {number} node_progress
 * @param {number} node_progress_value
 * @param {number} node_progress_max
 * @param {number} nodes_progress
 * @param {number} time_queued_s
 * @param {number} time_elapsed_s
 * @param {number} node_execution_time_s
 */
function event(
  type, data, raw, ts, run, current, nodes_total, nodes_completed, nodes_skipped, nodes_done, node_progress,
  node_progress_value, node_progress_max, nodes_progress, time_queued_s, time_elapsed_s, node_execution_time_s,
) {
  return {
    type,
    data,
    raw,
    ts,
    client_id: run.client_id,
    prompt_id: run.prompt_id,
    node_current: current.node_current,
    nodes_total,
    nodes_completed,
    nodes_skipped,
    nodes_done,
    node_progress,
    node_progress_value,
    node_progress_max,
    nodes_progress,
    node_title: current.node_title,
    node_type: current.node_type,
    time_submitted: run.time_submitted,
    time_queued_s,
    time_elapsed_s,
    node_execution_time_s,
  };
}

/**
 * Calls a callback. What it throws, or what a promise of it rejects with, is reported and stops nothing: a rejection that
 * nobody handles would end a Node process.
 *
 * @param {(event: any) => unknown} callback
 * @param {any} event
 */
function notify(callback, event) {
  try {
    const returned = /** @type {any} */ (callback(event));
    if (typeof returned?.then === "function") returned.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** @param {unknown} error */
function report(error) {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}

/**
 * The `data` of a frame: always an object, a list becomes `{ messages }`.
 *
 * @param {Record<string, any>} raw
 */
function dataOf(raw) {
  const { data } = raw;
  if (Array.isArray(data)) return { messages: data };
  return typeof data === "object" && data !== null ? data : {};
}

/**
 * A list of node ids, extended by some more. Events share it, so nobody may change it.
 *
 * @param {readonly string[]} list
 * @param {string[]} more
 */
function extendList(list, more) {
  return Object.freeze([...list, ...more]);
}

/**
 * A picture out of a binary frame, without a copy through wasm.
 *
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {string} type
 */
function image(buffer, start, type) {
  return new Blob([new Uint8Array(buffer, start)], { type });
}

/**
 * An address for a picture that is held in memory; empty in service workers, which have none.
 *
 * @param {Blob} blob
 */
function objectUrl(blob) {
  return typeof URL.createObjectURL === "function" ? URL.createObjectURL(blob) : "";
}

/**
 * An own property; undefined where there is none. Reading `constructor` would find the one of all objects.
 *
 * @param {any} source
 * @param {string} key
 */
function getOwn(source, key) {
  return source !== null && Object.hasOwn(Object(source), key) ? source[key] : undefined;
}

/**
 * Sets an own property. Assigning `__proto__`, which is a node id like any other, would set the prototype instead.
 *
 * @param {object} target
 * @param {string} key
 * @param {unknown} value
 */
function setOwn(target, key, value) {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * `Object.assign` that keeps an own `__proto__` one.
 *
 * @param {object} target
 * @param {unknown} source
 */
function assignOwn(target, source) {
  for (const [key, value] of Object.entries(source ?? {})) setOwn(target, key, value);
}

/**
 * An async iterator that is its own iterable, as `for await` wants it.
 *
 * @param {() => Promise<IteratorResult<unknown>>} next
 * @param {() => Promise<IteratorResult<unknown>>} stop
 */
function asyncIterator(next, stop) {
  return {
    next,
    return: stop,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * Decompresses zlib data (RFC 1950) with the platform's own decompressor. Rejects what is corrupt, or larger than the
 * limit.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} limit in bytes
 */
async function inflate(bytes, limit) {
  const parts = [];
  let length = 0;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  // Not `for await`: Safari's streams are not iterable.
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError("the text is too large");
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * The bytes of a response, with news of how many have come.
 *
 * @param {Response} response
 * @param {((loaded: number, total: number) => void) | undefined} onProgress
 */
async function readBody(response, onProgress) {
  if (!onProgress || !response.body) return new Uint8Array(await response.arrayBuffer());
  const total = Number(response.headers.get("content-length")) || 0;
  const parts = [];
  let loaded = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    loaded += value.byteLength;
    onProgress(loaded, total);
  }
}

/**
 * The bytes of a response as they come, with news of how many have; aborting ends the stream and the fetching.
 *
 * @param {Response} response
 * @param {((loaded: number, total: number) => void) | undefined} onProgress
 * @param {AbortSignal | undefined} signal
 */
function streamBody(response, onProgress, signal) {
  const total = Number(response.headers.get("content-length")) || 0;
  let loaded = 0;
  /** @type {TransformStream<Uint8Array, Uint8Array>} */
  const counter = new TransformStream({
    transform(part, controller) {
      controller.enqueue(part);
      loaded += part.byteLength;
      onProgress?.(loaded, total);
    },
  });
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body);
  return body.pipeThrough(counter, { signal });
}

/**
 * The text of a response, part by part as it comes.
 *
 * @param {Response} response
 * @param {(part: string) => boolean} take false: nobody wants the rest
 */
async function readText(response, take) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  for (const decoder = new TextDecoder(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!take(decoder.decode(value, { stream: true }))) return reader.cancel();
  }
}

const encoder = new TextEncoder();

/**
 * Encodes a whole text at once: the glue does it letter by letter, which takes a hundred times as long.
 *
 * @param {unknown} text
 * @param {Uint8Array} bytes
 * @returns {number} how many bytes it takes; minus its length where they are too few; the least integer where it is no text
 */
function encode(text, bytes) {
  if (typeof text !== "string") return -(2 ** 31);
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length ? written : -text.length;
}

/**
 * Under one name: functions that the glue imports one by one reach its table of imports as several entries of the same
 * key, of which every bundler warns.
 */
export const boundary = {
  advise, frameEvent, event, dataOf, extendList, notify, report, image, objectUrl, getOwn, setOwn, assignOwn, asyncIterator,
  inflate, readBody,
  readText, streamBody,
  encode,
};

// @ts-check
// Functions that the wasm imports.
import { notify, report } from "./callbacks.js";
import { ComfyError } from "./comfy-error.js";
import { dataOf } from "./event-maker.js";
import { parse, stringify } from "./exact-numbers.js";
import { messageHandler } from "./message-handler.js";
import { assignOwn, getOwn, setOwn } from "./own-properties.js";
import { nextPart, readParts } from "./read-parts.js";

export { ComfyError };

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

/**
 * A list of node ids, extended by some more. Events share it, so it is frozen.
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
 * Decompresses zlib data (RFC 1950) with the platform's own decompressor. Rejects what is corrupt, or larger than the
 * limit.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} limit in bytes
 */
async function inflate(bytes, limit) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const isWhole = await readParts(stream, (part) => void parts.push(part), limit);
  if (!isWhole) throw new RangeError("the text is too large");
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * The bytes of a response, reporting how many have come.
 *
 * @param {Response} response
 * @param {((loaded: number, total: number) => void) | undefined} onProgress
 */
async function readBody(response, onProgress) {
  // The response of an injected fetch may have no stream.
  if (typeof response.body?.getReader !== "function") return new Uint8Array(await response.arrayBuffer());
  const total = Number(response.headers.get("content-length")) || 0;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let loaded = 0;
  await readParts(response.body, (part) => {
    parts.push(part);
    loaded += part.byteLength;
    onProgress?.(loaded, total);
  });
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * The bytes of a response as they come, reporting how many have; aborting ends the stream and the fetching.
 *
 * @param {Response} response
 * @param {((loaded: number, total: number) => void) | undefined} onProgress
 * @param {AbortSignal | undefined} signal
 */
function streamBody(response, onProgress, signal) {
  const total = Number(response.headers.get("content-length")) || 0;
  let loaded = 0;
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  // Read only when the consumer asks for more, so that a slow consumer does not count as a silent server.
  /** @type {ReadableStream<Uint8Array>} */
  const timed = new ReadableStream({
    async pull(controller) {
      const { done, value } = await nextPart(reader);
      if (done) return controller.close();
      controller.enqueue(value);
      loaded += value.byteLength;
      onProgress?.(loaded, total);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return timed.pipeThrough(new TransformStream(), { signal });
}

/**
 * The text of a response, counted as it comes, decompressed.
 *
 * @param {Response} response
 * @param {number} limit in bytes
 * @returns {Promise<string | null>} null where it has more
 */
async function textOf(response, limit) {
  const { body } = response;
  // The response of an injected fetch may have no stream.
  if (typeof body?.getReader !== "function") {
    const text = await response.text();
    return text.length > limit ? null : text;
  }
  const decoder = new TextDecoder();
  let text = "";
  const isWhole = await readParts(body, (part) => void (text += decoder.decode(part, { stream: true })), limit);
  return isWhole ? text + decoder.decode() : null;
}

/**
 * @param {string} url
 * @param {string} base
 */
function resolveUrl(url, base) {
  try {
    return new URL(url, base || undefined).href;
  } catch {
    return "";
  }
}

/**
 * The text of a response, part by part as it comes.
 *
 * @param {Response} response
 * @param {(part: string) => boolean} take false ends the reading
 */
async function readText(response, take) {
  // An event stream may be silent for long, so there is no time limit.
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  for (const decoder = new TextDecoder(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!take(decoder.decode(value, { stream: true }))) return reader.cancel();
  }
}

const encoder = new TextEncoder();

/**
 * Encodes a text at once. The glue does it letter by letter, which takes a hundred times as long.
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
 * One export: the glue would list functions that it imports one by one under the same key, of which every bundler
 * warns.
 */
export const boundary = {
  advise, assignOwn, dataOf, encode, extendList, getOwn, image, inflate, messageHandler, notify, objectUrl, parse,
  readBody, readText, report, resolveUrl, setOwn, streamBody, stringify, textOf,
};

// @ts-check
// What Rust leaves to JavaScript.
import { notify, report } from "./callbacks.js";
import { ComfyError } from "./comfy-error.js";
import { dataOf } from "./event-maker.js";
import { parse, stringify } from "./exact-numbers.js";
import { messageHandler } from "./message-handler.js";
import { assignOwn, getOwn, setOwn } from "./own-properties.js";

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

/** How long a server may keep silent in the middle of an answer, in milliseconds. */
const SILENCE_MS = 30_000;

/**
 * The next part of a body. Rejects where the server keeps silent for too long, and ends the request.
 *
 * @template T
 * @param {ReadableStreamDefaultReader<T>} reader
 * @returns {Promise<ReadableStreamReadResult<T>>}
 */
export function nextPart(reader) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `The server began to answer, and then sent nothing for ${SILENCE_MS / 1000} seconds.`;
      reject(new ComfyError("network", message, { hint: { advice: "try_again" } }, "Try again later."));
      reader.cancel().catch(() => {});
    }, SILENCE_MS);
    reader.read().then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * The bytes of a response, with news of how many have come.
 *
 * @param {Response} response
 * @param {((loaded: number, total: number) => void) | undefined} onProgress
 */
async function readBody(response, onProgress) {
  // What an injected fetch gives may have no stream.
  if (typeof response.body?.getReader !== "function") return new Uint8Array(await response.arrayBuffer());
  const total = Number(response.headers.get("content-length")) || 0;
  const parts = [];
  let loaded = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await nextPart(reader);
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    loaded += value.byteLength;
    onProgress?.(loaded, total);
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
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  // Asked for when somebody wants more: who takes his time does not make the server late.
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
  // What an injected fetch gives may have no stream.
  if (typeof body?.getReader !== "function") {
    const text = await response.text();
    return text.length > limit ? null : text;
  }
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await nextPart(reader);
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > limit) {
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
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
  advise, assignOwn, dataOf, encode, extendList, getOwn, image, inflate, messageHandler, notify, objectUrl, parse,
  readBody, readText, report, resolveUrl, setOwn, streamBody, stringify, textOf,
};

// @ts-check
// Reading streams. Not by `for await`: Safari's streams are not iterable.
import { ComfyError } from "./comfy-error.js";

/** How long a server may be silent in the middle of an answer, in milliseconds. */
const SILENCE_MS = 30_000;

/**
 * The next part of a body. Rejects where the server is silent for too long, and ends the request.
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
 * Reads the body of an answer part by part.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {(part: Uint8Array<ArrayBuffer>) => boolean | void} take false ends the reading
 * @param {number} [limit] in bytes; a larger body is not read further
 * @returns {Promise<boolean>} whether it was read to its end
 */
export async function readParts(stream, take, limit = Infinity) {
  const reader = stream.getReader();
  for (let size = 0; ; ) {
    const { done, value } = await nextPart(reader);
    if (done) return true;
    size += value.byteLength;
    if (size > limit || take(value) === false) {
      reader.cancel().catch(() => {});
      return false;
    }
  }
}

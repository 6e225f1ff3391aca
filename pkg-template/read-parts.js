// @ts-check

/**
 * Reads a stream part by part. Not `for await`: Safari's streams are not iterable.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {(part: Uint8Array<ArrayBuffer>) => boolean | void} take false ends the reading
 * @param {number} [limit] in bytes; a larger stream is not read further
 * @returns {Promise<boolean>} whether it was read to its end
 */
export async function readParts(stream, take, limit = Infinity) {
  const reader = stream.getReader();
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return true;
    size += value.byteLength;
    if (size > limit || take(value) === false) {
      reader.cancel().catch(() => {});
      return false;
    }
  }
}

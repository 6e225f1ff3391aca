// @ts-check
// Writes a wasm as text: pkg-template/decode-wasm.js says why, and reads it.
import { CODES, codesOf } from "../pkg-template/decode-wasm.js";

/**
 * @param {Uint8Array} bytes
 * @returns {{ frequent: number[], text: string }} what `decode` takes
 */
export function encodeWasm(bytes) {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const byte of bytes) counts[byte]++;
  const byCount = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a] || a - b);
  // In the order of their values: neighbouring bytes are alike, which compresses 1 % better than by frequency.
  const frequent = byCount.slice(0, CODES.length - 2).sort((a, b) => a - b);
  const characters = codesOf(frequent).map((codes) => String.fromCharCode(...codes));
  return { frequent, text: Array.from(bytes, (byte) => characters[byte]).join("") };
}

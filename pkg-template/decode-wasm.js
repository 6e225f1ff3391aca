// @ts-check
// Turns the inlined wasm back into bytes.
//
// Base64 would cost a page a quarter more: its characters do not stand for whole bytes, so that compression finds little in
// them. Here a frequent byte is one character and a rare byte is two, of ASCII alone and without those that minifiers escape.

/** scripts/decode-wasm.wat, assembled. */
export const DECODER =
  "AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAAHEwIGbWVtb3J5AgAGZGVjb2RlAAAKTgFMAQJ/IAAhAgNAIAAtAAAiA0EiSQRAIANBH2tBB3QgAEEBaiIALQAAaiEDCyACIAMtAAA6AAAgAkEBaiECIABBAWoiACABSQ0ACyACCw==";

/** The codes of the characters: printable, and neither a quote, `\`, `$` nor `<`. The first two announce a second one. */
export const CODES = Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i).filter(
  (code) => !"\"'`\\$<".includes(String.fromCharCode(code)),
);

/**
 * @param {number[]} frequent the bytes of one character each, in the order of `CODES` without its first two
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export default function decode(frequent, text) {
  const table = new Uint8Array(3 * 128);
  frequent.forEach((byte, i) => (table[CODES[i + 2]] = byte));
  rare(frequent).forEach((byte, i) => {
    const row = 1 + Math.floor(i / CODES.length);
    table[128 * row + CODES[i % CODES.length]] = byte;
  });
  const decoder = new WebAssembly.Module(Uint8Array.from(atob(DECODER), (char) => char.charCodeAt(0)));
  const { memory, decode } = /** @type {{ memory: WebAssembly.Memory, decode: (start: number, end: number) => number }} */ (
    /** @type {unknown} */ (new WebAssembly.Instance(decoder).exports)
  );
  const start = table.length;
  const end = start + text.length;
  memory.grow(Math.ceil(end / 0x10000));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(table);
  new TextEncoder().encodeInto(text, bytes.subarray(start));
  return bytes.subarray(start, decode(start, end));
}

/** @param {number[]} frequent @returns {number[]} the other bytes, in order */
export function rare(frequent) {
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte));
}

// @ts-check
// Turns the inlined wasm back into bytes.
//
// Base64 would cost a page a quarter more: its characters do not stand for whole bytes, so that compression finds little in
// them. Here a frequent byte is one character and a rare byte is two, of ASCII alone and without those that minifiers escape.

/** scripts/decode-wasm.wat, assembled. */
export const DECODER =
  "AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAAHEwIGbWVtb3J5AgAGZGVjb2RlAAAKTgFMAQJ/IAAhAgNAIAAtAAAiA0EiSQRAIANBH2tBB3QgAEEBaiIALQAAaiEDCyACIAMtAAA6AAAgAkEBaiECIABBAWoiACABSQ0ACyACCw==";

/** The codes of the characters: printable, and neither a quote, `\`, `$` nor `<`. The first two begin a pair. */
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
  codesOf(frequent).forEach(([first, second], byte) => {
    table[second === undefined ? first : 128 * (1 + CODES.indexOf(first)) + second] = byte;
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

/**
 * How each byte is written.
 *
 * @param {number[]} frequent
 * @returns {number[][]} by byte: one code for a frequent one, two for a rare one
 */
export function codesOf(frequent) {
  let rare = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const at = frequent.indexOf(byte);
    if (at >= 0) return [CODES[at + 2]];
    const codes = [CODES[Math.floor(rare / CODES.length)], CODES[rare % CODES.length]];
    rare++;
    return codes;
  });
}

// @ts-check
// Turns the inlined wasm back into bytes. It runs once on import, so the fastest way that the runtime has is taken.

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export default function decode(text) {
  // Newer than the library that the type checker knows.
  const native = /** @type {{ fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }} */ (/** @type {unknown} */ (Uint8Array));
  if (native.fromBase64) return native.fromBase64(text);
  // As a property: bundlers fill in the name alone with a copy of their own.
  if (globalThis.Buffer) return globalThis.Buffer.from(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// @ts-check
// The converter with its wasm, as converter-chunk.js, from its file.
export { default as bytes } from "./converter_file.js";
export { glue } from "./converter-exports.js";

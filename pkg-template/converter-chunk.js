// @ts-check
// The converter with its wasm. The default entry imports it when it is needed: bundlers make a chunk of it.
export { default as bytes } from "./converter_bytes.js";
export { glue } from "./converter-exports.js";

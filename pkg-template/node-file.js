// @ts-check
// The entry for Node in Node itself. Bundlers take node.js, whose wasm needs no file.
export * from "./workflow-file.js";
export * from "./node/exports.js";

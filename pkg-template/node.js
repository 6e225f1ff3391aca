// @ts-check
// The entry for Node: the whole API, and what needs a disk.
export * from "./workflow.js";
export * from "./node/exports.js";

// @ts-check
// The entry for Node: the whole API, and what needs a disk.
export * from "./index.js";

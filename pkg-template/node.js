// @ts-check
// The entry for Node: the whole API, and what needs a disk.
export * from "./workflow.js";
export { loadFile } from "./node/load.js";
export { saveFiles } from "./node/save.js";
export { uploadFile } from "./node/upload.js";
export { writeFile } from "./node/write.js";

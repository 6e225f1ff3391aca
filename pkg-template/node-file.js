// @ts-check
// The entry for Node in Node itself. Bundlers take node.js, whose wasm needs no file.
export * from "./workflow-file.js";
export { loadFile } from "./node/load.js";
export { saveFiles } from "./node/save.js";
export { uploadFile } from "./node/upload.js";
export { writeFile } from "./node/write.js";

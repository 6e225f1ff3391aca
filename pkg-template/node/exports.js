// @ts-check
// What the entry for Node has beside the others.
export { loadFile } from "./load.js";
export { saveFiles } from "./save.js";
export { uploadFile } from "./upload.js";
export { writeFile } from "./write.js";

// @ts-check
// The default entry: the wasm is inlined and ready on import. Without top-level await, which extension service workers
// and `require` do not allow.
import { start } from "./init.js";
import bytes from "./wasm_bytes.js";

start(bytes);

export * from "./api.js";

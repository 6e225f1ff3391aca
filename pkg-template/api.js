// @ts-check
// The public names, the same for every entry.
import * as wasm from "./comfyui_autoflow.js";
import { whenReady } from "./init.js";

export { ComfyError } from "./boundary.js";
export { Submission } from "./comfyui_autoflow.js";
export { init } from "./init.js";

// The classes themselves are exported, so that instanceof holds for what the wasm returns; the ways in are guarded.
wasm.Submission.fromPromptId = whenReady("Submission.fromPromptId", wasm.Submission.fromPromptId);

export const submit = whenReady("submit", wasm.submit);
export const progressPrinter = whenReady("progressPrinter", wasm.progressPrinter);
export const chainCallbacks = whenReady("chainCallbacks", wasm.chainCallbacks);

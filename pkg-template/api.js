// @ts-check
// The public names, the same for every entry.
import * as wasm from "./comfyui_autoflow.js";
import { whenReady } from "./init.js";

export { ComfyError } from "./boundary.js";
export { ApiFlow, ObjectInfo, ResultFile, Submission, Workflow } from "./comfyui_autoflow.js";
export { init } from "./init.js";

// The classes themselves are exported, so that instanceof holds for what the wasm returns; the ways in are guarded.
wasm.Workflow.load = whenReady("Workflow.load", wasm.Workflow.load);
wasm.ObjectInfo.from = whenReady("ObjectInfo.from", wasm.ObjectInfo.from);
wasm.ObjectInfo.fetch = whenReady("ObjectInfo.fetch", wasm.ObjectInfo.fetch);
wasm.Submission.fromPromptId = whenReady("Submission.fromPromptId", wasm.Submission.fromPromptId);

export const convert = whenReady("convert", wasm.convert);
export const submit = whenReady("submit", wasm.submit);
export const progressPrinter = whenReady("progressPrinter", wasm.progressPrinter);
export const chainCallbacks = whenReady("chainCallbacks", wasm.chainCallbacks);
export const uploadImage = whenReady("uploadImage", wasm.uploadImage);
export const uploadMask = whenReady("uploadMask", wasm.uploadMask);

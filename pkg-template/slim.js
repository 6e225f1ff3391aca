// @ts-check
// The entry without the wasm: `await init(…)` with comfyui_autoflow.wasm before the first call.
export * from "./api.js";

// @ts-check
// The entry without the wasm: `await init(…)` with client.wasm, or with that and converter.wasm, before the first call.
export * from "./api.js";
export * from "./converter-api.js";

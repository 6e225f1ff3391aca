/** The compiled module, where the runtime or bundler imports wasm as one (workerd does); give it to `init` as `client`. */
declare const module: import("./index.js").WasmModule;
export default module;

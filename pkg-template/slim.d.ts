import type { WasmSource } from "./index.js";

export * from "./index.js";

/**
 * Loads the wasm, once. Everything else throws until it is done.
 *
 * @example
 * import { init, submit } from "comfyui-autoflow/slim";
 * await init(new URL("comfyui-autoflow/comfyui_autoflow.wasm", import.meta.url));
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

import type { WasmSource } from "./index.js";

export * from "./index.js";

/**
 * Loads the wasm, once; after a failure it can be tried again. Until it is done every other call fails with `bad_input`:
 * one that returns a promise rejects, the others throw.
 *
 * @throws {ComfyError} `network` where the address cannot be read, `http` where it answers with an error, `bad_input` where
 *   it has something else than the wasm of this version, or the page's Content-Security-Policy lets no wasm run
 * @example
 * import { init, submit } from "comfyui-autoflow/slim";
 * await init(new URL("comfyui-autoflow/comfyui_autoflow.wasm", import.meta.url));
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

import type { WasmSource, WasmSources } from "./index.js";

export * from "./workflow.js";

/**
 * Loads the wasm, once; after a failure it can be tried again. Until it is done every other call fails with `bad_input`:
 * one that returns a promise rejects, the others throw. `init(source)` loads the client alone: workflows, and files that
 * carry one, then fail with `bad_input`; prompts need no converter.
 *
 * @throws {ComfyError} `network` where the address cannot be read, `http` where it answers with an error, `bad_input` where
 *   it has something else than the wasm of this version, or the page's Content-Security-Policy lets no wasm run
 * @example
 * import { init, submit } from "comfyui-autoflow/slim";
 * await init({
 *   client: new URL("comfyui-autoflow/client.wasm", import.meta.url),
 *   converter: new URL("comfyui-autoflow/converter.wasm", import.meta.url),
 * });
 */
export function init(source: WasmSource | WasmSources | Promise<WasmSource | WasmSources>): Promise<void>;

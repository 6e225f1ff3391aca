// @ts-check
// The entry for workerd (Cloudflare Workers), which compiles no wasm at run time: it takes a module that was imported.
import module from "./comfyui_autoflow.wasm";
import { start } from "./init.js";

start(module);

export * from "./api.js";

// @ts-check
// Paths of sources and outputs.
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const target = path.join(root, "target");
export const nodeModules = path.join(root, "node_modules");
export const template = path.join(root, "pkg-template");

/** The folder that is published. */
export const pkg = path.join(root, "pkg");

/** The compiled crate: the glue, the optimised wasm, and the wasm as a module. */
export const wasm = path.join(target, "wasm");

/** What is fetched or built once a machine, shared by every clone. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "comfyui-autoflow");

export const tools = path.join(cache, "tools");

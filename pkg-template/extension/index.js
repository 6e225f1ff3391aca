// @ts-check
// Helpers for Manifest V3 extensions: access to a local ComfyUI with default flags, and runs that outlive the service
// worker. Contains no wasm; the offscreen document passes the package's functions in.
export { allowServer, requestServer, serverOrigins } from "./allow-server.js";
export { createOffscreenClient } from "./offscreen-client.js";
export { serveOffscreen } from "./offscreen-host.js";

// @ts-check
// For Manifest V3 extensions: reaching a local ComfyUI that was started without any flag, and runs that outlive the
// service worker. Carries no wasm: only the offscreen document needs it, and hands it over.
export { allowServer, requestServer, serverOrigins } from "./allow-server.js";
export { createOffscreenClient } from "./offscreen-client.js";
export { serveOffscreen } from "./offscreen-host.js";

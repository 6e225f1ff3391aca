// @ts-check
// The entry for workerd (Cloudflare Workers), which compiles no wasm at run time: it takes modules that were imported.
import clientModule from "./client.wasm";
import converterModule from "./converter.wasm";
import { client, converter } from "./modules.js";

export * from "./api.js";
export * from "./converter-api.js";

client.carried = () => clientModule;
client.start();
converter.carried = () => converterModule;

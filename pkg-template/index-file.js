// @ts-check
// The default entry in Node itself. Bundlers take index.js, whose wasm needs no file.
import bytes from "./client_file.js";
import { client, loadConverterBy } from "./modules.js";

export * from "./api.js";

client.carried = bytes;
client.start();
loadConverterBy(() => import("./converter-chunk-file.js"));

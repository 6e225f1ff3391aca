// @ts-check
// The default entry in Node itself. Bundlers take index.js, whose wasm needs no file. The converter starts with the first
// call that needs it; it is imported at once because a bar on a terminal is drawn without waiting.
import clientBytes from "./client_file.js";
import { glue } from "./converter-exports.js";
import converterBytes from "./converter_file.js";
import { client, converter } from "./modules.js";

export * from "./api.js";

client.carried = clientBytes;
client.start();
converter.glue = glue;
converter.carried = converterBytes;

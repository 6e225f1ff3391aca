// @ts-check
// The entry with client and converter in Node itself. Bundlers take workflow.js, whose wasm needs no file.
import clientBytes from "./client_file.js";
import converterBytes from "./converter_file.js";
import { client, converter } from "./modules.js";

export * from "./api.js";
export * from "./converter-api.js";

client.carried = clientBytes;
client.start();
converter.carried = converterBytes;

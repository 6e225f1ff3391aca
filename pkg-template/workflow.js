// @ts-check
// The entry with client and converter inlined: for synchronous conversion, and for extension service workers, which
// cannot import anything later. The converter starts with the first call that needs it.
import clientBytes from "./client_bytes.js";
import converterBytes from "./converter_bytes.js";
import { client, converter } from "./modules.js";

export * from "./api.js";
export * from "./converter-api.js";

client.carried = clientBytes;
client.start();
converter.carried = converterBytes;

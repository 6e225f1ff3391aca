// @ts-check
// The default entry: the client is inlined and ready on import, without top-level await, which extension service workers
// and `require` do not allow. The converter is imported when it is needed.
import bytes from "./client_bytes.js";
import { client, loadConverterBy } from "./modules.js";

export * from "./api.js";

client.carried = bytes;
client.start();
loadConverterBy(() => import("./converter-chunk.js"));

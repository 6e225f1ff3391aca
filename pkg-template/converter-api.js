// @ts-check
// The names of the converter, for the entries that carry it.
import { fetchObjectInfo } from "./client.js";
import * as glue from "./converter.js";
import { glue as exported } from "./converter-exports.js";
import { inspectable } from "./inspectable.js";
import { client, converter, whenReady } from "./modules.js";

export { ObjectInfo } from "./converter.js";

converter.glue = exported;

export const convert = whenReady(converter, "convert", glue.convert);

const { ObjectInfo } = glue;
const from = whenReady(converter, "ObjectInfo.from", ObjectInfo.from);
const fetchText = whenReady(client, "ObjectInfo.fetch", fetchObjectInfo, { promises: true });
ObjectInfo.from = from;
// The client fetches, the converter parses.
Object.assign(ObjectInfo, {
  /** @param {[serverUrl: any, options: any]} args */
  fetch: async (...args) => from(await fetchText(...args)),
});
inspectable(ObjectInfo, ["text"]);

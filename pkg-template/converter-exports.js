// @ts-check
// What the client calls of the converter, and how it starts. Not all of it: bundlers leave out what nobody names.
import { ObjectInfo, convert, initSync, readFile, restart } from "./converter.js";

export const glue = { ObjectInfo, convert, initSync, readFile, restart };

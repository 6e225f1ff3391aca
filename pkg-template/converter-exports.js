// @ts-check
// What the client calls of the converter, and how it starts. Not all of it: bundlers leave out what nobody names.
import { convert, initSync, readFile, restart } from "./converter.js";

export const glue = { convert, initSync, readFile, restart };

// @ts-check
// The exports of the converter that the client calls, by name: bundlers drop the others.
import { ObjectInfo, barPrinter, convert, initSync, readFile, restart } from "./converter.js";

export const glue = { ObjectInfo, barPrinter, convert, initSync, readFile, restart };

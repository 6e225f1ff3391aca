// @ts-check
import { openAsBlob } from "node:fs";
import { Workflow } from "../api.js";
import { explained } from "./errors.js";

/**
 * Reads a workflow or a prompt out of a file. Of a film only the pieces are read that are needed.
 *
 * @param {string} file
 * @param {import("../options.js").LoadOptions} [options] see `Workflow.load`
 */
export async function loadFile(file, options) {
  return Workflow.load(await openAsBlob(file).catch(explained("read", file)), options);
}

// @ts-check
// What the command line reads.
import { openAsBlob } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { UsageError } from "./arguments.js";

/**
 * A file as a Blob: a film is not read whole for the workflow inside. A URL stays one.
 *
 * @param {string} file
 */
export async function readInput(file) {
  if (/^https?:\/\//i.test(file)) return file;
  await mustBeAFile(file);
  return openAsBlob(file);
}

/** @param {string} file */
export async function readObjectInfo(file) {
  await mustBeAFile(file);
  return readFile(file, "utf8");
}

export async function readStandardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** @param {string} file */
async function mustBeAFile(file) {
  try {
    if ((await stat(file)).isFile()) return;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new UsageError(code === "ENOENT" ? `there is no file ${file}` : `${file} cannot be read (${code})`);
  }
  throw new UsageError(`${file} is not a file`);
}

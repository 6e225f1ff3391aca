// @ts-check
// Reads the files and standard input of the command line.
import { openAsBlob } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { nearest } from "../node/names.js";
import { SUBCOMMANDS } from "./subcommand-names.js";
import { UsageError } from "./arguments.js";

/**
 * A file as a Blob, so that a video is not read whole for the workflow inside. URLs are returned as they are.
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

/**
 * Inputs with the workflows of folders in their place, sorted by name.
 *
 * @param {string[]} inputs
 */
export async function withFolders(inputs) {
  const found = await Promise.all(
    inputs.map(async (input) => {
      const isFolder = input !== "-" && (await stat(input).catch(() => null))?.isDirectory();
      if (!isFolder) return [input];
      const names = (await readdir(input)).filter((name) => /\.json$/i.test(name)).sort();
      if (names.length === 0) throw new UsageError(`the folder ${input} has no workflow in it: no file ends in .json`);
      return names.map((name) => path.join(input, name));
    }),
  );
  return found.flat();
}

/** @param {string} file */
async function mustBeAFile(file) {
  try {
    if ((await stat(file)).isFile()) return;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const meant = /^\w+$/.test(file) && nearest(file, SUBCOMMANDS);
    const question = meant ? `. Did you mean the subcommand ${meant}?` : "";
    throw new UsageError(code === "ENOENT" ? `there is no file ${file}${question}` : `${file} cannot be read (${code})`);
  }
  throw new UsageError(`${file} is not a file`);
}

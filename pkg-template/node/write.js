// @ts-check
// Writes under a temporary name in the same folder and renames, so that a crash leaves no half file. Pipes and devices
// are written into.
import fs from "node:fs/promises";
import path from "node:path";
import { ComfyError } from "../boundary.js";
import { checkWrite } from "./names.js";
import { explained } from "./errors.js";
import { pathOf } from "./paths.js";

/** @typedef {string | Uint8Array | AsyncIterable<Uint8Array>} Content */

/**
 * Writes a file whole or not at all, and makes the folder that it goes into.
 *
 * @param {string | URL} file
 * @param {Content} content
 * @param {{ overwrite?: boolean }} [options] without `overwrite` a file that exists stays as it is, and that is an error
 */
export async function writeFile(file, content, options) {
  const target = pathOf(file, "writeFile");
  const overwrite = checkWrite(content, options);
  await makeFolder(path.dirname(target));
  if (!overwrite) return writeWhole(target, content, overwrite);
  const failed = explained("write", target);
  const { file: real, isOpened } = await followed(target).catch(failed);
  if (isOpened) await put(real, content, "w").catch(failed);
  else await writeWhole(real, content, overwrite);
}

/**
 * Makes a folder, and those that it is in.
 *
 * @param {string} folder
 */
export async function makeFolder(folder) {
  await make(path.resolve(folder)).catch(explained("write", folder));
}

/**
 * Not `mkdir` with `recursive`: Node retries without end where a folder takes no entries, such as /proc.
 *
 * @param {string} folder
 */
async function make(folder) {
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const parent = path.dirname(folder);
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== "ENOENT" || parent === folder || (await isFolder(parent))) throw error;
    await make(parent);
    await make(folder);
  }
}

/** @param {string} folder */
function isFolder(folder) {
  return fs.stat(folder).then((found) => found.isDirectory(), () => false);
}

/**
 * @param {string} file in a folder that is there
 * @param {Content} content
 * @param {boolean} overwrite
 */
export async function writeWhole(file, content, overwrite) {
  const failed = explained("write", file);
  if (!overwrite) await mustBeFree(file);
  const mode = overwrite ? await modeOf(file).catch(failed) : undefined;
  // The global, which is loaded when it is used: importing node:crypto takes longer than all else here.
  const unique = crypto.randomUUID().slice(0, 8);
  const part = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${unique}.part`);
  try {
    await put(part, content, "wx").catch(failed);
    if (mode !== undefined) await fs.chmod(part, mode).catch(failed);
    if (overwrite) await fs.rename(part, file).catch(failed);
    else await publish(part, file).catch(failed);
  } finally {
    await fs.rm(part, { force: true }).catch(() => {});
  }
}

/** @param {NodeJS.ErrnoException} error */
function none(error) {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}

/**
 * The file that a caller's name stands for: a link is followed, and a pipe or a device is opened and never replaced.
 *
 * @param {string} file
 * @returns {Promise<{ file: string, isOpened?: boolean }>}
 */
async function followed(file) {
  const isLink = (await fs.lstat(file).catch(none))?.isSymbolicLink();
  const found = await fs.stat(file).catch(none);
  // A link to a file that does not exist: opening it makes the file.
  if (!found) return { file, isOpened: isLink };
  if (!found.isFile() && !found.isDirectory()) return { file, isOpened: true };
  return { file: isLink ? await fs.realpath(file) : file };
}

/**
 * The mode of the file that is replaced, which its successor keeps. A link is replaced itself: a name that comes from a server
 * reaches nothing outside of its folder.
 *
 * @param {string} file
 */
async function modeOf(file) {
  const found = await fs.lstat(file).catch(none);
  if (!found || found.isSymbolicLink() || found.isDirectory()) return undefined;
  if (!found.isFile()) throw new ComfyError("file", `${file} is a pipe or a device, and is not replaced.`, {}, "Choose another name.");
  return found.mode & 0o7777;
}

/**
 * @param {string} file
 * @param {Content} content
 * @param {"w" | "wx"} flag
 */
async function put(file, content, flag) {
  if (typeof content === "string" || content instanceof Uint8Array) {
    return fs.writeFile(file, content, { flag });
  }
  const handle = await fs.open(file, flag);
  try {
    for await (const part of content) await handle.appendFile(part);
  } finally {
    await handle.close();
  }
}

/** @param {string} file */
export async function mustBeFree(file) {
  if (await fs.lstat(file).catch(none).catch(explained("write", file))) throw exists(file);
}

/**
 * Gives a file its name unless that is taken: a link fails where a rename would replace what somebody else has just
 * written. File systems without links get the rename.
 *
 * @param {string} part
 * @param {string} file
 */
async function publish(part, file) {
  try {
    await fs.link(part, file);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EEXIST") throw exists(file);
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP", "EXDEV"].includes(code ?? "")) throw error;
    await mustBeFree(file);
    await fs.rename(part, file);
  }
}

/** @param {string} file */
function exists(file) {
  const hint = { option: "overwrite", advice: "overwrite" };
  return new ComfyError("file", `${file} exists already.`, { hint }, "Choose another name, or overwrite: true.");
}

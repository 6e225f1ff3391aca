// @ts-check
import { openAsBlob } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { uploadImage } from "../api.js";
import { ComfyError } from "../boundary.js";
import { checkUpload } from "../client.js";
import { explained } from "./errors.js";
import { pathOf } from "./paths.js";

/** @typedef {import("../options.js").UploadOptions} UploadOptions */

/**
 * Uploads a file of the disk, or a folder with all that is in it.
 *
 * @param {string | URL} file
 * @param {UploadOptions} [options] see `uploadImage`; the subfolders of a folder are kept
 * @returns {Promise<import("../index.js").Upload[]>} where the server put each file, in the order of their names
 */
export async function uploadFile(file, options) {
  const source = pathOf(file, "uploadFile");
  checkUpload(options);
  return upload(source, options ?? {});
}

/**
 * @param {string} file
 * @param {UploadOptions} options
 * @returns {Promise<import("../index.js").Upload[]>}
 */
async function upload(file, options) {
  const { name, subfolder, ...rest } = options;
  const stats = await fs.stat(file).catch(explained("read", file));
  if (!stats.isDirectory()) {
    const blob = await openAsBlob(file).catch(explained("read", file));
    return [await uploadImage(blob, { ...options, name: name ?? path.basename(file) })];
  }
  if (name !== undefined && name !== null) {
    throw new ComfyError("bad_input", `The option name of uploadFile is for one file, and ${file} is a folder.`);
  }
  const uploads = [];
  const entries = await fs.readdir(file, { withFileTypes: true }).catch(explained("read", file));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const below = entry.isDirectory() ? path.posix.join(subfolder ?? "", entry.name) : subfolder;
    uploads.push(...(await upload(path.join(file, entry.name), { ...rest, subfolder: below })));
  }
  return uploads;
}

// @ts-check
// Errors of the file system as `ComfyError`.
import { ComfyError } from "../boundary.js";

/** @type {Record<string, string>} */
const REASONS = {
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "a file is in its place",
  ENOENT: "it does not exist",
  ERR_INVALID_ARG_VALUE: "it does not exist, or is not a file",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "this process has too many files open",
};

/**
 * A handler that turns a failed file operation into a `ComfyError` with the code `file`.
 *
 * @param {"read" | "write"} what
 * @param {string} file
 * @returns {(error: unknown) => never}
 */
export function explained(what, file) {
  return (error) => {
    if (error instanceof ComfyError) throw error;
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    const reason = REASONS[code ?? ""] ?? message;
    throw new ComfyError("file", `Could not ${what} ${file}: ${reason}.`, { cause: error });
  };
}

// @ts-check
// Checks paths of the caller: what is a path, and what belongs to another function.
import { fileURLToPath } from "node:url";
import { ComfyError } from "../boundary.js";
import { describe } from "./names.js";

const PATH = "a path or a file: URL";
/** What is wanted of each call, and where the rest goes. */
const WANTED = {
  loadFile: [`loadFile reads the disk and wants ${PATH}`, "For a URL, bytes or text there is Workflow.load."],
  uploadFile: [`uploadFile reads the disk and wants ${PATH}`, "For bytes or a Blob there is uploadImage."],
  writeFile: [`writeFile wants ${PATH}`, ""],
  saveFiles: [`The target of saveFiles must be ${PATH}`, ""],
};

const SCHEME = /^([a-z]+):/;
const WEB = ["http", "https", "blob", "data"];

/**
 * The path that a caller means.
 *
 * @param {unknown} given a path, or a file: URL, as `URL` or as the text that `import.meta.resolve` gives
 * @param {keyof typeof WANTED} call
 * @returns {string}
 */
export function pathOf(given, call) {
  const href = /** @type {any} */ (given)?.href;
  const text = typeof href === "string" ? href : given;
  if (typeof text === "string" && text.startsWith("file://")) return ofUrl(text);
  const scheme = typeof text === "string" ? SCHEME.exec(text)?.[1] : undefined;
  // A path may begin like a URL: `C:\\out`.
  const isUrl = text !== given || (scheme !== undefined && WEB.includes(scheme));
  if (typeof given === "string" && given !== "" && !isUrl) return given;
  const [wanted, advice] = WANTED[call];
  const got = isUrl ? `an address of ${scheme}:` : given === "" ? "an empty text" : describe(given);
  throw new ComfyError("bad_input", `${wanted}, not ${got}. ${advice}`.trim());
}

/** @param {string} text */
function ofUrl(text) {
  const url = new URL(text);
  // An index is written so: it would be lost.
  if (url.hash || url.search) {
    throw new ComfyError("bad_input", `${text} ends at its # or ?, as any URL does; write %23 and %3F for them.`);
  }
  try {
    return fileURLToPath(url);
  } catch (cause) {
    const message = `${text} is no file of this machine: ${/** @type {Error} */ (cause).message}.`;
    throw new ComfyError("bad_input", message, { cause });
  }
}

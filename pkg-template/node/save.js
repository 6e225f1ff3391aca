// @ts-check
// Saving what a run made.
import fs from "node:fs/promises";
import path from "node:path";
import { ComfyError } from "../boundary.js";
import { contentPath, savePaths, splitTarget } from "../comfyui_autoflow.js";
import { explained } from "./errors.js";
import { mustBeFree, writeFile } from "./write.js";

/** As many bytes of a file as its type can be told from. */
const HEAD = 64;
/** Files that are fetched and written at the same time. */
const AT_ONCE = 4;

/**
 * Saves the files of a run. What exists is not replaced unless asked for, and nothing is written outside of the folder,
 * whatever the server calls its files.
 *
 * @param {readonly import("../index.js").ResultFile[]} files
 * @param {string} [target] a folder (`out`), or a folder with a name pattern (`out/frame.###.png`); default
 *   `AUTOFLOW_OUTPUT_PATH`, else the current folder
 * @param {import("../node.js").SaveOptions} [options]
 * @returns {Promise<string[]>} the paths written, in the order of the files
 */
export async function saveFiles(files, target = process.env.AUTOFLOW_OUTPUT_PATH || ".", options = {}) {
  const { indexOffset = 0, overwrite = false, extension, signal, onProgress } = options;
  const [folder, ownPattern] = /** @type {[string, string | null]} */ ([...splitTarget(target)]);
  const pattern = options.pattern ?? ownPattern ?? undefined;
  const root = options.pattern ? target : folder || ".";
  const planned = savePaths(files.map(nameOf), pattern, indexOffset, extension);

  const realRoot = await makeFolder(root);
  if (!overwrite) for (const name of planned) await mustBeFree(path.join(root, name));
  /** @type {string[]} */
  const written = new Array(files.length);
  let next = 0;
  let saved = 0;
  const work = async () => {
    for (let at = next++; at < files.length; at = next++) {
      const bytes = await files[at].bytes({ signal });
      const others = planned.filter((_, other) => other !== at);
      const name = contentPath(planned[at], bytes.subarray(0, HEAD), extension, others);
      const file = path.join(root, name);
      await mustStayInside(path.dirname(file), realRoot);
      await writeFile(file, bytes, { overwrite });
      written[at] = file;
      onProgress?.(++saved, files.length);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, files.length) }, work));
  const failed = workers.find((worker) => worker.status === "rejected");
  if (failed) throw failed.reason;
  return written;
}

/**
 * What a file is called on the server; texts have no name there.
 *
 * @param {import("../index.js").ResultFile} file
 */
function nameOf(file) {
  return file.filename || `${file.key}_${file.nodeId}.txt`;
}

/** @param {string} folder */
async function makeFolder(folder) {
  await fs.mkdir(folder, { recursive: true }).catch(explained("write", folder));
  return fs.realpath(folder);
}

/**
 * A link in the folder may lead elsewhere; a file written through it would leave the folder.
 *
 * @param {string} folder
 * @param {string} root
 */
async function mustStayInside(folder, root) {
  const real = await makeFolder(folder);
  const steps = path.relative(root, real);
  if (steps === ".." || steps.startsWith(`..${path.sep}`) || path.isAbsolute(steps)) {
    throw new ComfyError("file", `${folder} is a link that leads out of the chosen folder; nothing is written there.`);
  }
}

// @ts-check
// Saving what a run made. What is large goes to the disk as it comes.
import fs from "node:fs/promises";
import path from "node:path";
import { ComfyError } from "../boundary.js";
import { contentPath, planSave } from "./names.js";
import { explained } from "./errors.js";
import { pathOf } from "./paths.js";
import { makeFolder, mustBeFree, writeWhole } from "./write.js";

/** The number of bytes that show the type of a file. */
const HEAD = 64;
/**
 * What `planSave` gives: a path below `root` for each file, and what each is called on the server.
 *
 * @typedef {{ root: string, paths: string[], names: string[], extension?: string, overwrite: boolean }} Plan
 */

/** Files that are fetched and written at the same time. */
const AT_ONCE = 4;

/**
 * Saves the files of a run. What exists is not replaced unless asked for, and nothing is written outside of the folder,
 * whatever the server calls its files.
 *
 * @param {readonly import("../index.js").ResultFile[]} files
 * @param {string | URL} [target] a folder (`out`), or a folder with a name pattern (`out/frame.###.png`); default
 *   `AUTOFLOW_OUTPUT_PATH`, else the current folder
 * @param {import("../node.js").SaveOptions} [options]
 * @returns {Promise<string[]>} the paths written, in the order of the files
 */
export async function saveFiles(files, target = process.env.AUTOFLOW_OUTPUT_PATH || ".", options) {
  const folder = target === "" ? "." : pathOf(target, "saveFiles");
  /** @type {Plan} */
  const { root, paths: planned, names, extension, overwrite } = planSave(files, folder, options);
  const { signal, onProgress, onFileProgress } = options ?? {};

  await makeFolder(root);
  const realRoot = await fs.realpath(root).catch(explained("write", root));
  if (!overwrite) for (const name of planned) await mustBeFree(path.join(root, name));
  /** @type {string[]} */
  const written = new Array(files.length);
  let next = 0;
  let saved = 0;
  const work = async () => {
    for (let at = next++; at < files.length; at = next++) {
      const file = files[at];
      const stream = await file.stream({ signal, onProgress: onFileProgress?.bind(null, file) });
      const content = parts(stream, names[at]);
      try {
        const head = await begin(content);
        // Nearly always the name stays; only a changed one is compared with the others.
        if (contentPath(planned[at], head, extension, []) !== planned[at]) {
          planned[at] = contentPath(planned[at], head, extension, planned);
        }
        const folder = await folderInside(realRoot, path.posix.dirname(planned[at]));
        await writeWhole(path.join(folder, path.posix.basename(planned[at])), whole(head, content), overwrite);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        // After a failed write the fetch is aborted.
        await content.return();
      }
      written[at] = path.join(root, planned[at]);
      onProgress?.(++saved, files.length);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, files.length) }, work));
  const failed = workers.find((worker) => worker.status === "rejected");
  if (failed) throw failed.reason;
  return written;
}

/**
 * The parts of a file's content as they come.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {string} name of the file
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* parts(stream, name) {
  try {
    yield* /** @type {AsyncIterable<Uint8Array>} */ (stream);
  } catch (cause) {
    const message = `The connection broke while ${name} was fetched. Fetch it again.`;
    throw new ComfyError("network", message, { cause });
  }
}

/**
 * The first parts, enough to see the type, or all.
 *
 * @param {AsyncGenerator<Uint8Array, void, void>} content
 */
async function begin(content) {
  let head = Buffer.alloc(0);
  while (head.length < HEAD) {
    const { done, value } = await content.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

/**
 * @param {Uint8Array} head
 * @param {AsyncGenerator<Uint8Array, void, void>} content
 */
async function* whole(head, content) {
  yield head;
  yield* content;
}

/**
 * Makes a folder below the chosen one, step by step: a link on the way may lead elsewhere, and neither a folder nor a
 * file is made through it.
 *
 * @param {string} root without links
 * @param {string} below with `/`
 * @returns {Promise<string>} the folder, without links
 */
async function folderInside(root, below) {
  let folder = root;
  for (const part of below.split("/")) {
    const next = path.join(folder, part);
    await fs.mkdir(next).catch((error) => (error.code === "EEXIST" ? undefined : explained("write", next)(error)));
    folder = await fs.realpath(next).catch(explained("write", next));
    const steps = path.relative(root, folder);
    if (steps === ".." || steps.startsWith(`..${path.sep}`) || path.isAbsolute(steps)) {
      throw new ComfyError("file", `${next} is a link that leads out of the chosen folder; nothing is written there.`);
    }
  }
  return folder;
}

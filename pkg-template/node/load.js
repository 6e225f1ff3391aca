// @ts-check
import fs from "node:fs/promises";
import { Workflow } from "../api.js";
import { callAs } from "../call-names.js";
import { explained } from "./errors.js";
import { pathOf } from "./paths.js";

/**
 * Reads a workflow or a prompt out of a file. Of a film only the pieces are read that are needed.
 *
 * @param {string | URL} file
 * @param {import("../options.js").LoadOptions} [options] see `Workflow.load`
 */
export async function loadFile(file, options) {
  const source = pathOf(file, "loadFile");
  const failed = explained("read", source);
  const handle = await fs.open(source).catch(failed);
  try {
    const { size } = await handle.stat();
    // Awaited here, because the file is open until then.
    return await callAs("loadFile", "Workflow.load", () => Workflow.load(new DiskBlob(handle, size, failed), options));
  } finally {
    await handle.close();
  }
}

/**
 * A file as a Blob whose parts are read when they are asked for. Node's own Blob of a file has no correct size above 4
 * GB.
 */
class DiskBlob extends Blob {
  #handle;
  #size;
  #failed;

  /**
   * @param {fs.FileHandle} handle
   * @param {number} size
   * @param {(error: unknown) => never} failed
   */
  constructor(handle, size, failed) {
    super();
    this.#handle = handle;
    this.#size = size;
    this.#failed = failed;
  }

  get size() {
    return this.#size;
  }

  slice(start = 0, end = this.#size) {
    const part = { arrayBuffer: () => this.#read(start, end).catch(this.#failed) };
    return /** @type {Blob} */ (/** @type {unknown} */ (part));
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  async #read(start, end) {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(end - start), 0, end - start, start);
    return buffer.buffer.slice(0, bytesRead);
  }
}

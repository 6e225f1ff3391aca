// @ts-check
// The folders `output`, `temp` and `input`, kept in memory.
import { Buffer } from "node:buffer";

const TYPES = ["output", "temp", "input"];

/** @typedef {{filename: string, subfolder: string, type: string}} FileName */

export class FileStore {
  constructor() {
    /** @type {Map<string, Map<string, Buffer>>} */
    this.folders = new Map(TYPES.map((type) => [type, new Map()]));
  }

  /** Whether the folder exists. @param {string} type */
  knows(type) {
    return this.folders.has(type);
  }

  /** The normalised path inside a folder; null if it escapes the folder. @param {string} subfolder @param {string} name */
  path(subfolder, name) {
    const parts = [];
    for (const part of `${subfolder}/${name}`.replaceAll("\\", "/").split("/")) {
      if (part === "..") {
        if (parts.pop() === undefined) return null;
      } else if (part !== "" && part !== ".") parts.push(part);
    }
    return parts.join("/");
  }

  /** @param {string} type @param {string} subfolder @param {string} name @returns {Buffer | undefined} */
  read(type, subfolder, name) {
    const path = this.path(subfolder, name);
    return path === null ? undefined : this.folders.get(type)?.get(path);
  }

  /** @param {string} type @param {string} subfolder @param {string} name @param {Uint8Array} bytes */
  write(type, subfolder, name, bytes) {
    const path = this.path(subfolder, name);
    if (path === null) throw new Error(`"${subfolder}/${name}" leads out of the ${type} folder`);
    this.folders.get(type)?.set(path, Buffer.from(bytes));
  }

  /** Reads `name`, or `name [output]` as LoadImage takes it. @param {string} annotated */
  readAnnotated(annotated) {
    const [, name, type = "input"] = /^(.*?)(?: \[(\w+)\])?$/s.exec(annotated) ?? [];
    return this.read(type, "", name ?? annotated);
  }

  /** @param {string} type */
  list(type) {
    return [...(this.folders.get(type)?.keys() ?? [])].sort();
  }

  /**
   * @param {"output" | "temp"} type @param {string} prefix @param {string} extension
   * @param {Uint8Array} bytes @param {string} mark
   * @returns {FileName}
   */
  saveNumbered(type, prefix, extension, bytes, mark) {
    const path = this.path("", prefix);
    if (path === null) throw new Error("Saving image outside the output folder is not allowed.");
    const slash = path.lastIndexOf("/");
    const subfolder = slash < 0 ? "" : path.slice(0, slash);
    const stem = path.slice(slash + 1);
    const start = subfolder ? `${subfolder}/${stem}_` : `${stem}_`;
    const taken = this.list(type).filter((name) => name.startsWith(start));
    const numbers = taken.map((name) => parseInt(name.slice(start.length), 10)).filter(Number.isInteger);
    const number = String(Math.max(0, ...numbers) + 1).padStart(5, "0");
    const filename = `${stem}_${number}${mark}.${extension}`;
    this.write(type, subfolder, filename, bytes);
    return { filename, subfolder, type };
  }

  clearTemp() {
    this.folders.get("temp")?.clear();
  }
}

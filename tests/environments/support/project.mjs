// @ts-check
// A small project with the packed package installed: what it depends on is installed once a machine.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { locked } from "../../../scripts/lock.mjs";
import { pkg, root, target, tools } from "../../../scripts/paths.mjs";
import { run, step } from "../../../scripts/run.mjs";
import { filesUnder } from "../../../scripts/stamp.mjs";
import { Missing, Program } from "./processes.mjs";

const cache = path.join(path.dirname(tools), "environments");
const here = path.join(root, "tests", "environments");
const work = path.join(target, "environments");

/** What stays in a project's folder from one run to the next. */
const KEPT = ["node_modules", "package.json", "package-lock.json", ".installed"];
/** Where bundlers remember a package by its version, which does not change here. */
const REMEMBERED = [".vite", ".cache"];

/** How the inlined wasm of each module begins as text. */
const beginnings = () =>
  ["client", "converter"].map((name) => {
    const [, call] = fs.readFileSync(path.join(pkg, `${name}_bytes.js`), "utf8").split("decode(");
    const [, beginning] = /"([^"]{60})/.exec(call) ?? [];
    if (!beginning) throw new Error(`${name}_bytes.js carries no text.`);
    return beginning;
  });

/** How many files of wasm there are, and how many modules each script has inside. @typedef {{ files: number, inlined: number[] }} WasmCount */
/** @typedef {{ tarball: string, content: string }} Packed a tarball, and the folder with what is in it */

/**
 * Packs pkg/ as it would be published.
 *
 * @returns {Promise<Packed>}
 */
export async function pack() {
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  const packed = await run("npm", ["pack", "--pack-destination", work], { cwd: pkg });
  if (packed.code !== 0) throw new Error(packed.output);
  const tarball = path.join(work, fs.readdirSync(work).find((name) => name.endsWith(".tgz")) ?? "");
  const unpacked = await run("tar", ["-xzf", tarball, "-C", work]);
  if (unpacked.code !== 0) throw new Error(unpacked.output);
  return { tarball, content: path.join(work, "package") };
}

/** A project on the disk, ready to run. */
export class Project {
  /**
   * @param {string} folder
   * @param {string} tarball the packed package
   */
  constructor(folder, tarball) {
    this.folder = folder;
    this.tarball = tarball;
  }

  /**
   * Puts a project together and hands it to `body`; nobody else touches it meanwhile.
   *
   * @template T
   * @param {{ name: string, layers?: string[], packed: Packed }} what the folder in projects/, the folders in sources/
   * that are laid into it, and what is installed as the package
   * @param {(project: Project) => Promise<T>} body
   */
  static async with({ name, layers = [], packed }, body) {
    const source = path.join(here, "projects", name);
    const manifest = fs.readFileSync(path.join(source, "package.json"));
    const hash = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
    const folder = path.join(cache, `${name}-${hash}`);
    return locked(`${folder}.lock`, async () => {
      await install(name, folder, manifest);
      for (const entry of fs.readdirSync(folder).filter((entry) => !KEPT.includes(entry))) {
        fs.rmSync(path.join(folder, entry), { recursive: true });
      }
      const modules = path.join(folder, "node_modules");
      for (const entry of [...REMEMBERED, "comfyui-autoflow"]) {
        fs.rmSync(path.join(modules, entry), { recursive: true, force: true });
      }
      fs.cpSync(packed.content, path.join(modules, "comfyui-autoflow"), { recursive: true });
      fs.copyFileSync(path.join(here, "sources", "main-job.js"), path.join(folder, "main-job.js"));
      for (const layer of layers) fs.cpSync(path.join(here, "sources", layer), folder, { recursive: true });
      fs.cpSync(source, folder, { recursive: true });
      return body(new Project(folder, packed.tarball));
    });
  }

  /**
   * Starts a program of the project's packages.
   *
   * @param {string} name
   * @param {string[]} args
   */
  start(name, args) {
    return new Program(path.join(this.folder, "node_modules", ".bin", name), args, this.folder);
  }

  /**
   * How often the wasm is in what a bundler made.
   *
   * @param {string} folder
   * @returns {WasmCount}
   */
  wasmIn(folder) {
    const names = filesUnder(folder, this.folder);
    const scripts = names.filter((name) => /\.[cm]?js$/.test(name));
    const known = beginnings();
    const counted = (/** @type {string} */ text) => known.reduce((sum, one) => sum + text.split(one).length - 1, 0);
    const texts = scripts.map((name) => fs.readFileSync(path.join(this.folder, name), "utf8"));
    return {
      files: names.filter((name) => name.endsWith(".wasm")).length,
      inlined: texts.map(counted).filter((count) => count > 0),
    };
  }
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {Buffer} manifest
 */
async function install(name, folder, manifest) {
  const done = path.join(folder, ".installed");
  if (fs.existsSync(done)) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "package.json"), manifest);
  if (Object.keys(JSON.parse(manifest.toString()).dependencies ?? {}).length) {
    const args = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
    try {
      await step(`Installing ${name} (once on this machine)`, "npm", args, { cwd: folder });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const network = /code E(TIMEDOUT|CONNRESET|CONNREFUSED|NOTFOUND|AI_AGAIN|5\d\d)/.exec(message);
      throw network ? new Missing(`its packages cannot be fetched (${network[0]})`) : error;
    }
  }
  fs.writeFileSync(done, "");
}

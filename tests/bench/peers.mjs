// @ts-check
// Who is measured beside this package, and how they are installed: from npm into this folder, from PyPI into the cache.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { locked } from "../../scripts/lock.mjs";
import { cache, pkg } from "../../scripts/paths.mjs";
import { step } from "../../scripts/run.mjs";
import { OURS } from "./names.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/** What comes from PyPI. */
const PYTHON = { "comfyui-autoflow": "1.5.0", "comfyui-autograph": "2.3.0", "comfy-cli": "1.23.0" };

/** @returns {Record<string, string>} the version of everything that is measured, by its name in tables */
export function versions() {
  const read = (/** @type {string[]} */ ...file) => JSON.parse(fs.readFileSync(path.join(...file), "utf8"));
  const { ws, ...npm } = read(here, "package.json").dependencies;
  const python = Object.entries(PYTHON).map(([name, version]) => [`${name} (Python)`, version]);
  return { [OURS]: read(pkg, "package.json").version, ...npm, ...Object.fromEntries(python), ws };
}

/** Installs the peers from npm where they are not yet. */
export async function npmPeers() {
  const lock = path.join(here, "package-lock.json");
  const wanted = createHash("sha256").update(fs.readFileSync(lock)).digest("hex");
  const stamp = path.join(here, "node_modules", ".installed-lock");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
  // None of them needs its install script.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", here];
  await step("Installing the peers from npm", "npm", args);
  fs.writeFileSync(stamp, wanted);
}

/** @returns {Promise<string>} the Python that has the peers */
export async function pythonPeers() {
  const wanted = Object.entries(PYTHON).map(([name, version]) => `${name}==${version}`);
  const folder = path.join(cache, "conversion-peers");
  const bin = path.join(folder, process.platform === "win32" ? "Scripts" : "bin");
  const stamp = path.join(folder, "installed");
  const installed = () => fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted.join(" ");
  if (!installed()) {
    await locked(`${folder}.lock`, async () => {
      if (installed()) return;
      await step("Making a Python environment", "python3", ["-m", "venv", folder]);
      await step("Installing the peers from PyPI", path.join(bin, "pip"), ["install", "--quiet", ...wanted]);
      fs.writeFileSync(stamp, wanted.join(" "));
    });
  }
  return path.join(bin, "python");
}

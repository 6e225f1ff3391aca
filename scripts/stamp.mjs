// @ts-check
// Skips a step whose inputs have not changed, by content and not by file times.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root, target } from "./paths.mjs";

/**
 * Runs a step unless its outputs were made of the same inputs.
 *
 * @param {object} what
 * @param {string} what.name
 * @param {string[]} what.inputs files and folders, from the project's root; those that do not exist count as empty
 * @param {string[]} [what.facts] what else decides the result: flags, versions
 * @param {string[]} what.outputs files that must exist for the result to count as made
 * @param {() => Promise<void>} make
 * @returns {Promise<boolean>} whether it had to be made
 */
export async function madeOf({ name, inputs, facts = [], outputs }, make) {
  const file = path.join(target, "stamps", name);
  const stamp = fingerprint(inputs, facts);
  const fresh = fs.existsSync(file) && fs.readFileSync(file, "utf8") === stamp && outputs.every((o) => fs.existsSync(o));
  if (fresh) return false;
  fs.rmSync(file, { force: true });
  await make();
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, stamp);
  return true;
}

/**
 * @param {string[]} inputs
 * @param {string[]} facts
 */
function fingerprint(inputs, facts) {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const file of inputs.flatMap((name) => filesUnder(name))) {
    const content = fs.readFileSync(path.join(root, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * The files at or under a path, in a fixed order.
 *
 * @param {string} name
 * @param {string} [from] what `name` and the result are relative to
 * @returns {string[]}
 */
export function filesUnder(name, from = root) {
  const stat = fs.statSync(path.join(from, name), { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [name];
  const entries = fs.readdirSync(path.join(from, name)).sort();
  return entries.flatMap((entry) => filesUnder(path.join(name, entry), from));
}

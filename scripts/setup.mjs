// @ts-check
// Brings a fresh clone to the point where it can build: run by every command, quick when there is nothing to do.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { locked } from "./lock.mjs";
import { nodeModules, root, target } from "./paths.mjs";
import { step } from "./run.mjs";
import { cargoTools, rust } from "./tools.mjs";

const OLDEST_NODE = [20, 10];

/**
 * @returns {Promise<NodeJS.ProcessEnv>} the environment to build in, with the tools on its PATH
 */
export async function setup() {
  nodeVersion();
  await nodePackages();
  await rust();
  const folders = [...(await cargoTools()), path.join(nodeModules, ".bin")];
  return { ...process.env, PATH: [...folders, process.env.PATH].join(path.delimiter) };
}

function nodeVersion() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Node ${OLDEST_NODE.join(".")} or later is needed; this is ${process.versions.node}.`);
}

/** Installs the npm packages of package-lock.json unless they are those already installed. */
async function nodePackages() {
  const lock = path.join(root, "package-lock.json");
  // The hash, not the time: a checkout gives every file the same age.
  const wanted = createHash("sha256").update(fs.readFileSync(lock)).digest("hex");
  const stamp = path.join(nodeModules, ".installed-lock");
  const installed = () => fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted;
  if (installed()) return;
  await locked(path.join(target, "npm packages.lock"), async () => {
    if (installed()) return;
    // No package here needs its install script, and one that downloads would fail behind a firewall.
    await step("Installing npm packages", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    fs.writeFileSync(stamp, wanted);
  });
}

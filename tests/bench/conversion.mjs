#!/usr/bin/env node
// @ts-check
// `npm run bench -- conversion`: the mean time from the text of a workflow to its prompt, over the workflow templates
// that ComfyUI ships, beside comfyui-autograph and comfy-cli on the same files in the same call. Each template counts
// with the best of a few passes. The object info is parsed once, before. Needs pkg/ and ../shared/conversion.
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { pathToFileURL } from "node:url";
import { templateFolder } from "../../scripts/conformance.mjs";
import { cache, pkg, root } from "../../scripts/paths.mjs";
import { run, script, step } from "../../scripts/run.mjs";

const PEERS = ["comfyui-autograph==2.3.0", "comfy-cli==1.23.0"];
const PASSES = 10;
/** As many times faster than the faster of the two must we be. */
const WANTED = 5;

const shared = path.join(root, "..", "shared", "conversion");
const prompts = path.join(shared, "prompts");
const objectInfoFile = path.join(shared, "object_info.json");

/** @returns {Promise<string>} the Python that has the peers */
async function python() {
  const folder = path.join(cache, "conversion-peers");
  const bin = path.join(folder, process.platform === "win32" ? "Scripts" : "bin");
  const stamp = path.join(folder, "installed");
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, "utf8") !== PEERS.join(" ")) {
    await step("Making a Python environment", "python3", ["-m", "venv", folder]);
    await step("Installing the peers", path.join(bin, "pip"), ["install", "--quiet", ...PEERS]);
    fs.writeFileSync(stamp, PEERS.join(" "));
  }
  return path.join(bin, "python");
}

/** @param {string} workflows the folder */
async function ours(workflows) {
  const { init, convert, ObjectInfo } = await import(pathToFileURL(path.join(pkg, "index.js")).href);
  await init?.();
  const text = fs.readFileSync(objectInfoFile, "utf8");
  const parsing = performance.now();
  const objectInfo = ObjectInfo.from(text);
  const objectInfoMs = performance.now() - parsing;
  const names = fs.readdirSync(prompts).filter((name) => name.endsWith(".json"));
  const texts = names.map((name) => fs.readFileSync(path.join(workflows, name), "utf8"));
  const best = texts.map(() => Infinity);
  let exact = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    texts.forEach((text, at) => {
      const started = performance.now();
      const { prompt } = convert(text, objectInfo, { random: "first" });
      best[at] = Math.min(best[at], performance.now() - started);
      if (pass > 0) return;
      const expected = JSON.parse(fs.readFileSync(path.join(prompts, names[at]), "utf8"));
      if (isDeepStrictEqual(essence(prompt), essence(expected))) exact++;
    });
  }
  const ms = best.reduce((sum, time) => sum + time, 0) / best.length;
  return { ms, exact, objectInfoMs, count: texts.length };
}

/** @param {Record<string, { class_type: string, inputs: object }>} prompt */
function essence(prompt) {
  return Object.fromEntries(Object.entries(prompt).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));
}

/** @returns {Promise<boolean>} whether it was as fast as wanted */
export async function benchConversion() {
  if (!fs.existsSync(shared)) throw new Error(`The corpus is not here (${path.relative(root, shared)}).`);
  const workflows = await templateFolder();
  const program = await python();
  const own = await ours(workflows);
  const args = [path.join(root, "tests", "bench", "conversion_peers.py"), workflows, prompts, objectInfoFile];
  const { code, stdout, output } = await run(program, [...args, String(PASSES)]);
  if (code !== 0) throw new Error(output);
  /** @type {Record<string, { ms: number, exact: number }>} */
  const peers = JSON.parse(stdout);
  const all = { "comfyui-autoflow": own, ...peers };
  for (const [name, { ms, exact }] of Object.entries(all)) {
    const times = name in peers ? `  ${(ms / own.ms).toFixed(1)} times as long` : "";
    console.log(`${name.padEnd(18)} ${ms.toFixed(3)} ms a template  ${exact} of ${own.count} exact${times}`);
  }
  console.log(`Our object info was read in ${own.objectInfoMs.toFixed(1)} ms, once.`);
  const fastest = Math.min(...Object.values(peers).map(({ ms }) => ms));
  return fastest / own.ms >= WANTED;
}

if (process.argv[1] === path.join(root, "tests", "bench", "conversion.mjs")) {
  script(async () => {
    process.exitCode = (await benchConversion()) ? 0 : 1;
  });
}

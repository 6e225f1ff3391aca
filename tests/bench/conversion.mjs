// @ts-check
// From the text of a workflow to its prompt: over the workflow templates that ComfyUI ships, and over chains of 10 to
// 10,000 nodes; beside other converters and ComfyUI's own frontend. The object info is parsed once, before.
// Needs ../shared/conversion.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { templateFolder } from "../../scripts/conformance.mjs";
import { root, target } from "../../scripts/paths.mjs";
import { step } from "../../scripts/run.mjs";
import { skip } from "../browser/chromium.mjs";
import { inTurns, measured } from "./child.mjs";
import { AUTOGRAPH, COMFY_CLI, OURS } from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median, ratio } from "./table.mjs";

/** @typedef {{ workflows: string, prompts: string, objectInfo: string, growth: string, passes: number }} Work */

const NATIVE = "comfyui-autoflow, native";
const FRONTEND = "ComfyUI's frontend in Chromium";
const ROUNDS = 3;
const PASSES = 6;
const SIZES = [10, 100, 1000, 10_000];
/** As many times faster than the fastest peer must we be. */
const WANTED = 5;

/** @returns {Promise<import("./table.mjs").Report>} */
export async function conversion() {
  const shared = path.join(root, "..", "shared", "conversion");
  if (!fs.existsSync(shared)) throw new Error(`The corpus is not here (${path.relative(root, shared)}).`);
  const growth = fs.mkdtempSync(path.join(os.tmpdir(), "autoflow-bench-"));
  for (const size of SIZES) fs.writeFileSync(path.join(growth, `${size}.json`), JSON.stringify(chain(size)));
  const work = {
    workflows: await templateFolder(),
    prompts: path.join(shared, "prompts"),
    objectInfo: path.join(shared, "object_info.json"),
    growth,
    passes: PASSES,
  };
  const python = await pythonPeers();
  await step("Building the native converter", "cargo", ["build", "--release", "--quiet", "--example", "conversion"]);
  const inHere = (/** @type {string} */ file) => path.join(root, "tests", "bench", file);
  const json = JSON.stringify(work);
  /** @type {Record<string, import("./child.mjs").Command>} */
  const commands = {
    [OURS]: { program: process.execPath, args: [inHere("conversion-ours.mjs"), json] },
    [NATIVE]: { program: path.join(target, "release", "examples", "conversion"), args: Object.values(work).map(String) },
    [AUTOGRAPH]: { program: python, args: [inHere("conversion_peers.py"), AUTOGRAPH, json] },
    [COMFY_CLI]: { program: python, args: [inHere("conversion_peers.py"), COMFY_CLI, json] },
  };
  try {
    const results = await inTurns(ROUNDS, Object.keys(commands), (name) => measured(commands[name], { boundMs: 300_000 }));
    if (!skip) {
      const command = { program: process.execPath, args: [inHere("conversion-frontend.mjs"), json] };
      results.set(FRONTEND, [await measured(command, { boundMs: 360_000 })]);
    }
    return report(results);
  } finally {
    fs.rmSync(growth, { recursive: true });
  }
}

/** Pictures that are scaled again and again. @param {number} size */
function chain(size) {
  const slot = { name: "image", type: "IMAGE" };
  const nodes = Array.from({ length: size }, (_, at) => {
    const first = at === 0;
    const last = at === size - 1;
    return {
      id: at + 1,
      type: first ? "LoadImage" : last ? "SaveImage" : "ImageScaleBy",
      pos: [0, 0],
      size: [200, 100],
      flags: {},
      order: at,
      mode: 0,
      inputs: first ? [] : [{ ...slot, name: last ? "images" : "image", link: at }],
      outputs: last ? [] : [{ name: "IMAGE", type: "IMAGE", links: [at + 1] }],
      properties: {},
      widgets_values: first ? ["example.png", "image"] : last ? ["ComfyUI"] : ["nearest-exact", 1],
    };
  });
  const links = Array.from({ length: size - 1 }, (_, at) => [at + 1, at + 1, 0, at + 2, 0, "IMAGE"]);
  return { last_node_id: size, last_link_id: size - 1, nodes, links, groups: [], config: {}, extra: {}, version: 0.4 };
}

/** @param {Map<string, import("./child.mjs").Result[]>} results @returns {import("./table.mjs").Report} */
function report(results) {
  const names = [...results.keys()];
  const ms = (/** @type {string} */ name) => median((results.get(name) ?? []).map((result) => result.ms ?? NaN));
  const grown = (/** @type {string} */ name, /** @type {number} */ size) =>
    median((results.get(name) ?? []).map((result) => result.growth?.[size] ?? NaN));
  const exact = (/** @type {string} */ name) => {
    const [first] = results.get(name) ?? [];
    return first?.failed ?? `${first.exact} of ${first.count}`;
  };
  const fastest = Math.min(ms(AUTOGRAPH), ms(COMFY_CLI));
  return {
    title: "Conversion",
    about:
      "The workflow templates that ComfyUI ships, parsing included; each template counts with the best of a few passes. Exact: " +
      "the prompt is the one that the frontend makes. The frontend's time is that of loading a workflow into its editor and " +
      "asking for the prompt, without the third of a second that it gets to settle between the two.",
    tables: [
      {
        caption: "The template corpus",
        columns: ["", "ms a workflow", "times ours", "exact"],
        rows: names.map((name) => [name, figure(ms(name)), ratio(ms(name), ms(OURS)), exact(name)]),
      },
      {
        caption: "A chain of so many nodes, ms",
        columns: ["", ...SIZES.map((size) => size.toLocaleString("en"))],
        rows: names.map((name) => [name, ...SIZES.map((size) => figure(grown(name, size)))]),
      },
    ],
    notes: [`Our object info was read in ${figure(median((results.get(OURS) ?? []).map(({ objectInfoMs }) => objectInfoMs ?? NaN)))} ms, once. Where the frontend has no figure, six minutes for all of it were not enough.`],
    budgets: [
      {
        what: "conversion, parse included",
        bar: `≥ ${WANTED} × faster than the fastest peer on the template corpus`,
        measured: `${ratio(fastest, ms(OURS))} (native ${ratio(fastest, ms(NATIVE))})`,
        met: fastest / ms(OURS) >= WANTED,
        reason: "the wasm is compiled for size; natively it would be met",
      },
    ],
  };
}

// @ts-check
// What `--set` and `--seed` change in a prompt before it is sent.
import path from "node:path";
import { inputAt } from "../prompt-inputs.js";
import { UsageError } from "./arguments.js";
import { readInput } from "./inputs.js";
import { say } from "./terminal.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/**
 * Throws for paths without an input and values that are not JSON.
 *
 * @param {import("../index.js").ApiFlow} api
 * @param {Arguments["sets"]} sets
 */
export function checkSettings(api, sets) {
  for (const { path, value } of sets) {
    const { node, input } = inputAt(api.prompt, path);
    if (!isFile(value)) settingOf(path, value, api.prompt[node].inputs[input]);
  }
}

/**
 * @param {import("../index.js").ApiFlow} api
 * @param {Arguments["sets"]} sets
 * @param {import("../index.js").ComfyClient | undefined} comfy
 * @param {AbortSignal} signal
 */
export async function applySettings(api, sets, comfy, signal) {
  for (const { path, value } of sets) {
    const { node, input } = inputAt(api.prompt, path);
    if (!isFile(value)) {
      api.set(path, settingOf(path, value, api.prompt[node].inputs[input]));
      continue;
    }
    if (!comfy) throw new UsageError(`--set ${path}=${value} uploads a file: --server-url says where to`);
    const file = value.slice(1);
    // A URL is fetched by the upload.
    const source = /** @type {any} */ (await readInput(file));
    const { value: reference } = await comfy.upload(source, { name: basename(file), signal });
    api.set(path, reference);
  }
}

/** @param {string} value */
const isFile = (value) => value.startsWith("@") && !value.startsWith("@@");

/** @param {string} file */
const basename = (file) => path.basename(/^https?:/i.test(file) ? new URL(file).pathname : file);

/**
 * The value of `--set`: JSON unless the input holds a text.
 *
 * @param {string} path
 * @param {string} value
 * @param {unknown} old
 */
function settingOf(path, value, old) {
  if (typeof old === "string") return value.replace(/^@@/, "@");
  try {
    return JSON.parse(value);
  } catch {
    const now = JSON.stringify(old);
    throw new UsageError(`--set ${path}=${value}: that input holds ${now}, so the value must be JSON (a text in quotes)`);
  }
}

/**
 * @param {import("../index.js").ApiFlow} api
 * @param {number | "random"} seed
 */
export function seeded(api, seed) {
  return seed === "random" ? api.seed() : api.seed(seed);
}

/** @param {import("../index.js").ChosenInput[]} seeds */
export function tellSeeds(seeds) {
  const list = seeds.map(({ node, input, value }) => `${node}.${input}=${value}`);
  say(list.length ? `seeds: ${list.join(", ")}` : "the prompt has no seeds");
}

// @ts-check
// What the command line does without a run: converts workflows, downloads object info.
import { stat } from "node:fs/promises";
import path from "node:path";
import { stringify } from "../exact-numbers.js";
import { ComfyClient, ObjectInfo, writeFile } from "../node-file.js";
import { UsageError } from "./arguments.js";
import { load } from "./load.js";
import { apiKey, serverUrl } from "./server.js";
import { applySettings, seeded, tellSeeds } from "./settings.js";
import { print, shownJson } from "./terminal.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/** What a prompt is called by default, as in the Python tool. */
const DEFAULT_OUTPUT_PATH = "workflow-api.json";

/**
 * @param {Arguments} args
 * @param {string} target
 * @param {AbortSignal} signal
 */
export async function downloadObjectInfo(args, target, signal) {
  const info = await ObjectInfo.fetch(serverUrl(args), { signal, apiKey: apiKey() });
  await writeFile(target, info.text, { overwrite: true });
  print(target);
}

/**
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function convertInputs(args, signal) {
  const targets = await outputPaths(args);
  const prompts = await load(args, signal);
  const [url] = args.serverUrls;
  const comfy = url === undefined ? undefined : new ComfyClient({ serverUrl: url, apiKey: apiKey() });
  for (const api of prompts) {
    await applySettings(api, args.sets, comfy, signal);
    if (args.seed !== undefined) tellSeeds(seeded(api, args.seed));
  }
  for (const [at, { prompt }] of prompts.entries()) {
    const text = `${stringify(prompt, 2)}\n`;
    if (targets[at] === "-") {
      process.stdout.write(process.stdout.isTTY ? shownJson(text) : text);
    } else {
      await writeFile(targets[at], text, { overwrite: true });
      print(targets[at]);
    }
  }
}

/**
 * Where the prompt of each input goes.
 *
 * @param {Arguments} args
 */
async function outputPaths({ inputs, outputPath }) {
  const output = outputPath ?? path.join(process.env.AUTOFLOW_OUTPUT_PATH || ".", DEFAULT_OUTPUT_PATH);
  if (output === "-") return inputs.map(() => output);
  if (inputs.length > 1 && outputPath === undefined) {
    throw new UsageError("several inputs need a folder: --output-path DIR");
  }
  const isFolder = inputs.length > 1 || /[/\\]$/.test(output) || (await stat(output).catch(() => null))?.isDirectory();
  if (!isFolder) return [output];
  const names = inputs.map((input) => `${path.parse(input === "-" ? "stdin" : input).name}-api.json`);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice) throw new UsageError(`two inputs would both become ${path.join(output, twice)}: convert them one by one`);
  return names.map((name) => path.join(output, name));
}

// @ts-check
// What the command line does: convert, submit and save, download.
import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { stringify } from "../exact-numbers.js";
import { expectedPaths, planSave, refusedOutputs } from "../node/names.js";
import { explained } from "../node/errors.js";
import { makeFolder, mustBeFree } from "../node/write.js";
import { ComfyError, ObjectInfo, progressPrinter, saveFiles, Workflow, writeFile } from "../node.js";
import { UsageError } from "./arguments.js";
import { readInput, readObjectInfo, readStandardInput } from "./inputs.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/** What a prompt is called by default, as in the Python tool. */
const DEFAULT_OUTPUT_PATH = "workflow-api.json";

/** The failure of one of several inputs: the message is its name, the cause what is wrong with it. */
export class InputError extends Error {}

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
  for (const [at, { prompt }] of prompts.entries()) {
    const text = `${stringify(prompt, 2)}\n`;
    if (targets[at] === "-") {
      process.stdout.write(text);
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

/**
 * Submits the inputs one after the other. True where the server took all of them whole. The indices of saved pictures go on from one to the next. What can be wrong
 * with any of them is found before the first is sent: a server may work for long.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function submitInputs(args, signal) {
  const url = serverUrl(args);
  const prompts = await load(args, signal);
  await checkSaving(args, prompts);
  let [indexOffset, isWhole] = [args.indexOffset, true];
  for (const api of prompts) {
    const options = { serverUrl: url, signal, apiKey: apiKey() };
    if (!args.wait) {
      const run = await api.submit(options);
      print(run.promptId);
      isWhole = tellRefused(run) && isWhole;
      continue;
    }
    const printer = args.progress ? progressPrinter({ prompt: api.prompt }) : undefined;
    /** @param {import("../index.js").ComfyEvent} event */
    const onEvent = (event) => {
      // At once, so that whoever reads can act on it while the run goes on.
      if (event.type === "submitted") print(event.prompt_id);
      printer?.(event);
    };
    const run = await api.submit({ ...options, wait: true, onEvent }).finally(() => printer?.finish());
    const selection = { signal, nodes: args.outputNodes };
    if (args.saveImages !== undefined) {
      const images = await run.fetchImages({ ...selection, type: args.includeTemp ? "all" : undefined });
      (await saveFiles(images, args.saveImages, { ...naming(args), indexOffset, signal })).forEach(print);
      indexOffset += images.length;
      if (images.length === 0) say("the run made no pictures");
    }
    if (args.saveFiles !== undefined) {
      const files = await savedFiles(run, { ...selection, kinds: args.outputTypes }, args.includeTemp);
      (await saveFiles(files, args.saveFiles, { overwrite: args.overwrite, signal })).forEach(print);
      if (files.length === 0) say(`the run made no files${args.outputTypes ? ` of ${args.outputTypes.join(", ")}` : ""}`);
    }
    isWhole = tellRefused(run) && isWhole;
  }
  return isWhole;
}

/**
 * Names the outputs that the server refused. True where there are none.
 *
 * @param {import("../index.js").Submission} run
 */
function tellRefused(run) {
  const message = refusedOutputs(run.nodeErrors);
  if (message === undefined) return true;
  say(message);
  return false;
}

/**
 * The files that a run saved; where it saved none, its temporary ones.
 *
 * @param {import("../index.js").Submission} run
 * @param {NonNullable<Parameters<import("../index.js").Submission["fetchFiles"]>[0]>} selection
 * @param {boolean} includeTemp
 */
async function savedFiles(run, selection, includeTemp) {
  const files = await run.fetchFiles(selection);
  const saved = files.filter(({ type }) => type !== "temp");
  return includeTemp || saved.length === 0 ? files : saved;
}

/** @param {Arguments} args */
function naming({ pattern, extension, overwrite, indexOffset }) {
  return { pattern, extension, overwrite, indexOffset };
}

/**
 * Finds what is wrong with the folders that are saved into, and with the names of pictures as far as they are known: of
 * each input the first.
 *
 * @param {Arguments} args
 * @param {import("../index.js").ApiFlow[]} flows
 */
async function checkSaving(args, flows) {
  const { saveImages, saveFiles, overwrite } = args;
  if (saveImages !== undefined) {
    const { root } = planSave([], saveImages, naming(args));
    /** @type {string[]} */
    const names = expectedPaths(flows.map(({ prompt }) => prompt), naming(args));
    await mustTakeFiles(root);
    if (!overwrite) for (const name of names) await mustBeFree(path.join(root, name));
  }
  if (saveFiles !== undefined) await mustTakeFiles(planSave([], saveFiles, {}).root);
}

/** @param {string} folder */
async function mustTakeFiles(folder) {
  await makeFolder(folder);
  await access(folder, constants.W_OK).catch(explained("write", folder));
}

/**
 * Reads all inputs, with the schema read once for all of them.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
async function load(args, signal) {
  const objectInfo = args.objectInfoPath === undefined ? undefined : await readObjectInfo(args.objectInfoPath);
  const server = args.serverUrl ?? process.env.AUTOFLOW_COMFYUI_SERVER_URL;
  const { allowUnknown } = args;
  const options = { objectInfo, serverUrl: server || undefined, apiKey: apiKey(), allowUnknown, signal };
  const flows = [];
  for (const input of args.inputs) {
    const source = input === "-" ? await readStandardInput() : await readInput(input);
    const api = await Workflow.load(source, options).catch((error) => {
      throw args.inputs.length > 1 && error instanceof ComfyError ? new InputError(input, { cause: error }) : error;
    });
    for (const { node, input: name, message } of api.warnings) say(`node ${node}${name ? `, ${name}` : ""}: ${message}`);
    for (const { node, class_type, reason } of api.dropped) {
      if (reason === "unknown type") say(`node ${node} (${class_type}) is left out: its type is unknown`);
    }
    flows.push(api);
  }
  return flows;
}

/** @param {Arguments} args */
function serverUrl(args) {
  const url = args.serverUrl ?? process.env.AUTOFLOW_COMFYUI_SERVER_URL;
  if (url) return url;
  throw new UsageError("the server is missing: --server-url http://127.0.0.1:8188, or set AUTOFLOW_COMFYUI_SERVER_URL");
}

function apiKey() {
  return process.env.AUTOFLOW_API_KEY || undefined;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} message */
function say(message) {
  process.stderr.write(`autoflow: ${message}\n`);
}

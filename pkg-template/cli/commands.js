// @ts-check
// What the command line does: convert, submit and save, download.
import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { stringify } from "../exact-numbers.js";
import { expectedPaths, planSave, refusedOutputs } from "../node/names.js";
import { explained } from "../node/errors.js";
import { makeFolder, mustBeFree } from "../node/write.js";
import { ComfyClient, ComfyError, ComfyPool, ObjectInfo, progressPrinter, saveFiles, Workflow, writeFile } from "../node.js";
import { inputAt } from "../prompt-inputs.js";
import { UsageError } from "./arguments.js";
import { readInput, readObjectInfo, readStandardInput } from "./inputs.js";
import { print, say, shownJson } from "./terminal.js";

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

/**
 * Submits the inputs, each as often as it is to be repeated: one after the other, or with several servers on the next free
 * one. True where the servers took all of them whole. The indices of saved pictures go on from one to the next. What can be
 * wrong with any of them is found before the first is sent: a server may work for long.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function submitInputs(args, signal) {
  const serverUrls = args.serverUrls.length ? args.serverUrls : [serverUrl(args)];
  const key = apiKey();
  const clients = serverUrls.map((url) => new ComfyClient({ serverUrl: url, apiKey: key }));
  if (args.waitForServer !== undefined) await waitForServers(clients, args.waitForServer, signal);
  const loaded = await load(args, signal);
  const prompts = Array.from({ length: args.repeat }, (_, round) => loaded.map((api) => ({ api: api.clone(), round }))).flat();
  for (const { api } of prompts) checkSettings(api, args.sets);
  await checkSaving(args, prompts.map(({ api }) => api));
  const pool = clients.length > 1 ? new ComfyPool(serverUrls.map((url) => ({ serverUrl: url, apiKey: key }))) : undefined;
  let [indexOffset, isWhole] = [args.indexOffset, true];

  /** @param {import("../index.js").ComfyClient} comfy @param {(typeof prompts)[number]} prompt */
  const send = async (comfy, { api, round }) => {
    await applySettings(api, args.sets, comfy, signal);
    // The first of several keeps the seeds that it has, unless it was told otherwise.
    const wantsSeeds = args.seed !== undefined || round > 0;
    if (wantsSeeds) seeded(api, args.seed ?? "random");
    if (wantsSeeds || args.repeat > 1) tellSeeds(api.seeds());
    if (!args.wait) {
      const run = await comfy.submit(api, { signal });
      print(run.promptId);
      return run;
    }
    // Bars of several runs would draw over each other.
    const printer = args.progress && !pool ? progressPrinter({ prompt: api.prompt }) : undefined;
    /** @param {import("../index.js").ComfyEvent} event */
    const onEvent = (event) => {
      // At once, so that whoever reads can act on it while the run goes on.
      if (event.type === "submitted") {
        print(event.prompt_id);
        if (pool && args.progress) say(`${event.prompt_id} goes to ${comfy.serverUrl}`);
      }
      printer?.(event);
    };
    return comfy.submit(api, { signal, wait: true, onEvent }).finally(() => printer?.finish());
  };

  /** @param {import("../index.js").Submission} run */
  const save = async (run) => {
    const selection = { signal, nodes: args.outputNodes };
    if (args.wait && args.saveImages !== undefined) {
      const images = await run.fetchImages({ ...selection, type: args.includeTemp ? "all" : undefined });
      (await saveFiles(images, args.saveImages, { ...naming(args), indexOffset, signal })).forEach(print);
      indexOffset += images.length;
      if (images.length === 0) say("the run made no pictures");
    }
    if (args.wait && args.saveFiles !== undefined) {
      const files = await savedFiles(run, { ...selection, kinds: args.outputTypes }, args.includeTemp);
      (await saveFiles(files, args.saveFiles, { overwrite: args.overwrite, signal })).forEach(print);
      if (files.length === 0) say(`the run made no files${args.outputTypes ? ` of ${args.outputTypes.join(", ")}` : ""}`);
    }
    isWhole = tellRefused(run) && isWhole;
  };

  if (!pool) {
    for (const prompt of prompts) await save(await send(clients[0], prompt));
    return isWhole;
  }
  const jobs = prompts.map((prompt) => pool.run((comfy) => send(comfy, { ...prompt, api: prompt.api.clone() }), { signal }));
  // The first failure is reported; the others are waited for by nobody.
  for (const job of jobs) job.catch(() => {});
  for (const job of jobs) await save(await job);
  return isWhole;
}

/**
 * @param {import("../index.js").ComfyClient[]} clients
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 */
async function waitForServers(clients, timeoutMs, signal) {
  await Promise.all(clients.map((comfy) => comfy.ready({ timeoutMs, signal })));
}

/**
 * Finds paths that lead nowhere and values that are no JSON.
 *
 * @param {import("../index.js").ApiFlow} api
 * @param {Arguments["sets"]} sets
 */
function checkSettings(api, sets) {
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
async function applySettings(api, sets, comfy, signal) {
  for (const { path, value } of sets) {
    const { node, input } = inputAt(api.prompt, path);
    if (!isFile(value)) {
      api.set(path, settingOf(path, value, api.prompt[node].inputs[input]));
      continue;
    }
    if (!comfy) throw new UsageError(`--set ${path}=${value} uploads a file: --server-url says where to`);
    const file = value.slice(1);
    // A URL stays one, which is fetched by the upload.
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
 * What a value of `--set` means: JSON where the input holds something else than a text.
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
function seeded(api, seed) {
  return seed === "random" ? api.seed() : api.seed(seed);
}

/** @param {import("../index.js").ChosenInput[]} seeds */
function tellSeeds(seeds) {
  const list = seeds.map(({ node, input, value }) => `${node}.${input}=${value}`);
  say(list.length ? `seeds: ${list.join(", ")}` : "the prompt has no seeds");
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
  const [server] = args.serverUrls;
  const { allowUnknown } = args;
  const options = { objectInfo, serverUrl: server, apiKey: apiKey(), allowUnknown, signal };
  const flows = [];
  for (const input of args.inputs) {
    const source = input === "-" ? await readStandardInput() : await readInput(input);
    const api = await Workflow.load(source, options).catch((error) => {
      throw args.inputs.length > 1 && error instanceof ComfyError ? new InputError(input, { cause: error }) : error;
    });
    for (const { node, input: name, message, pack } of api.warnings) {
      say(`node ${node}${name ? `, ${name}` : ""}${pack ? ` (${pack})` : ""}: ${message}`);
    }
    for (const { node, class_type, reason } of api.dropped) {
      if (reason === "unknown type") say(`node ${node} (${class_type}) is left out: its type is unknown`);
    }
    flows.push(api);
  }
  return flows;
}

/** @param {{ serverUrls: string[] }} args */
export function serverUrl({ serverUrls: [url] }) {
  if (url) return url;
  throw new UsageError("the server is missing: --server-url http://127.0.0.1:8188, or set AUTOFLOW_COMFYUI_SERVER_URL");
}

export function apiKey() {
  return process.env.AUTOFLOW_API_KEY || undefined;
}

// @ts-check
// What the command line does: convert, submit and save, download.
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { planSave } from "../comfyui_autoflow.js";
import { ObjectInfo, progressPrinter, saveFiles, Workflow, writeFile } from "../node.js";
import { UsageError } from "./arguments.js";
import { readInput, readObjectInfo, readStandardInput } from "./inputs.js";

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
  const output = args.outputPath ?? path.join(process.env.AUTOFLOW_OUTPUT_PATH || ".", DEFAULT_OUTPUT_PATH);
  const folder = args.inputs.length > 1 && output !== "-";
  if (folder && args.outputPath === undefined) throw new UsageError("several inputs need a folder: --output-path DIR");
  if (folder) await mkdir(output, { recursive: true });
  const load = await loader(args, signal);
  for (const input of args.inputs) {
    const api = await load(input);
    const text = `${JSON.stringify(api.prompt, null, 2)}\n`;
    if (output === "-") {
      process.stdout.write(text);
      continue;
    }
    const isFolder = folder || (await stat(output).catch(() => null))?.isDirectory();
    const name = `${path.parse(input === "-" ? "stdin" : input).name}-api.json`;
    const target = isFolder ? path.join(output, name) : output;
    await writeFile(target, text, { overwrite: true });
    print(target);
  }
}

/**
 * Submits the inputs one after the other; the indices of saved pictures go on from one to the next.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function submitInputs(args, signal) {
  const url = serverUrl(args);
  // A pattern that is not understood is found before anything is sent.
  planSave([], "", { pattern: args.pattern, indexOffset: args.indexOffset });
  const load = await loader(args, signal);
  let indexOffset = args.indexOffset;
  for (const input of args.inputs) {
    const api = await load(input);
    const options = { serverUrl: url, signal, apiKey: apiKey() };
    if (!args.wait) {
      print((await api.submit(options)).promptId);
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
    if (args.saveImages !== undefined) {
      const images = await run.fetchImages({ signal });
      const { pattern, extension, overwrite } = args;
      const naming = { pattern, extension, indexOffset, overwrite, signal };
      const paths = await saveFiles(images, args.saveImages, naming);
      indexOffset += images.length;
      paths.forEach(print);
    }
    if (args.saveFiles !== undefined) {
      const files = await run.fetchFiles({ signal, kinds: args.outputTypes });
      (await saveFiles(files, args.saveFiles, { overwrite: args.overwrite, signal })).forEach(print);
    }
  }
}

/**
 * A function that reads an input, with the schema read once for all of them.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
async function loader(args, signal) {
  const objectInfo = args.objectInfoPath === undefined ? undefined : await readObjectInfo(args.objectInfoPath);
  const server = args.serverUrl ?? process.env.AUTOFLOW_COMFYUI_SERVER_URL;
  return async (/** @type {string} */ input) => {
    const source = input === "-" ? await readStandardInput() : await readInput(input);
    const api = await Workflow.load(source, { objectInfo, serverUrl: server || undefined, apiKey: apiKey(), signal });
    for (const { node, input: name, message } of api.warnings) {
      process.stderr.write(`autoflow: node ${node}${name ? `, ${name}` : ""}: ${message}\n`);
    }
    return api;
  };
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

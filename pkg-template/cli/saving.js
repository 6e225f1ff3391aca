// @ts-check
// Where the command line saves the files of a run, and which.
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { saveFiles } from "../node-file.js";
import { explained } from "../node/errors.js";
import { expectedPaths, planSave } from "../node/names.js";
import { makeFolder, mustBeFree } from "../node/write.js";
import { print, say } from "./terminal.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/**
 * Checks the folders to save into, and the names of pictures that are known before the run: the first of each input.
 *
 * @param {Arguments} args
 * @param {import("../index.js").ApiFlow[]} flows
 */
export async function checkSaving(args, flows) {
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
 * Saves what a run made.
 *
 * @param {Arguments} args
 * @param {import("../index.js").Submission} run
 * @param {number} indexOffset of the first picture
 * @param {AbortSignal} signal
 * @returns {Promise<number>} how many pictures were saved
 */
export async function saveOutputs(args, run, indexOffset, signal) {
  const selection = { signal, nodes: args.outputNodes };
  let pictures = 0;
  if (args.saveImages !== undefined) {
    const images = await run.fetchImages({ ...selection, type: args.includeTemp ? "all" : undefined });
    (await saveFiles(images, args.saveImages, { ...naming(args), indexOffset, signal })).forEach(print);
    pictures = images.length;
    if (pictures === 0) say("the run made no pictures");
  }
  if (args.saveFiles !== undefined) {
    const files = await savedFiles(run, { ...selection, kinds: args.outputTypes }, args.includeTemp);
    (await saveFiles(files, args.saveFiles, { overwrite: args.overwrite, signal })).forEach(print);
    if (files.length === 0) say(`the run made no files${args.outputTypes ? ` of ${args.outputTypes.join(", ")}` : ""}`);
  }
  return pictures;
}

/**
 * The files that a run saved, else its temporary ones.
 *
 * @param {import("../index.js").Submission} run
 * @param {NonNullable<Parameters<import("../index.js").Submission["fetchFiles"]>[0]>} selection
 * @param {boolean} includeTemp
 */
async function savedFiles(run, selection, includeTemp) {
  const saved = includeTemp ? [] : await run.fetchFiles({ ...selection, type: "output" });
  return saved.length ? saved : run.fetchFiles(selection);
}

/** @param {Arguments} args */
function naming({ pattern, extension, overwrite, indexOffset }) {
  return { pattern, extension, overwrite, indexOffset };
}

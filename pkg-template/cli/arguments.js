// @ts-check
// What may stand on the command line, and what it means together.
import { parseArgs } from "node:util";
import { checkKinds, nearest } from "../node/names.js";
// The entry loads the wasm.
import "../workflow.js";

/** A command line that makes no sense; the message says what would. Exit code 2. */
export class UsageError extends Error {}

const OPTIONS = /** @type {const} */ ({
  "input-path": { type: "string", short: "i", multiple: true },
  "output-path": { type: "string", short: "o" },
  "object-info-path": { type: "string", short: "f" },
  "node-info-path": { type: "string" },
  "download-object-info-path": { type: "string" },
  "download-node-info-path": { type: "string" },
  "server-url": { type: "string", short: "s" },
  submit: { type: "boolean" },
  "no-wait": { type: "boolean" },
  "no-progress": { type: "boolean" },
  "save-images": { type: "string" },
  "save-files": { type: "string" },
  "output-types": { type: "string" },
  "output-nodes": { type: "string" },
  "include-temp": { type: "boolean" },
  filepattern: { type: "string" },
  "index-offset": { type: "string" },
  overwrite: { type: "boolean" },
  "allow-unknown": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
});

/** The name pattern of saved pictures, as in the Python tool. */
const PICTURES = "frame.###.png";

/**
 * @param {string[]} argv without node and script
 */
export function readArguments(argv) {
  const { values, positionals } = parse(argv);
  const inputs = [...(values["input-path"] ?? []), ...positionals];
  const args = {
    help: values.help ?? false,
    version: values.version ?? false,
    inputs,
    outputPath: values["output-path"],
    objectInfoPath: values["object-info-path"] ?? values["node-info-path"],
    downloadPath: values["download-object-info-path"] ?? values["download-node-info-path"],
    serverUrl: values["server-url"],
    submit: values.submit ?? false,
    wait: !values["no-wait"],
    progress: !values["no-progress"],
    saveImages: values["save-images"],
    saveFiles: values["save-files"],
    outputTypes: list(values["output-types"]),
    outputNodes: list(values["output-nodes"]),
    includeTemp: values["include-temp"] ?? false,
    ownPattern: values.filepattern,
    pattern: values.filepattern ?? PICTURES,
    // The default is for all types of pictures; a pattern that was chosen is meant.
    extension: /** @type {"content" | "check"} */ (values.filepattern === undefined ? "content" : "check"),
    ownOffset: values["index-offset"],
    indexOffset: wholeNumber("--index-offset", values["index-offset"] ?? "0"),
    overwrite: values.overwrite ?? false,
    allowUnknown: values["allow-unknown"] ?? false,
  };
  if (!args.help && !args.version) check(args);
  return args;
}

/** @typedef {ReturnType<typeof readArguments>} Arguments */

/** @param {string[]} argv */
function parse(argv) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node explains how to pass something that begins with a dash, which is never what was meant here.
    const message = /** @type {Error} */ (error).message.split(". To specify")[0];
    const [, wrong] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
    const meant = wrong && nearest(wrong, Object.keys(OPTIONS));
    throw new UsageError(meant ? `${message}. Did you mean --${meant}?` : message);
  }
}

/** @param {string | undefined} text parts with commas between them */
function list(text) {
  return text
    ?.split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/**
 * @param {string} flag
 * @param {string} text
 */
function wholeNumber(flag, text) {
  if (!/^-?\d{1,15}$/.test(text)) throw new UsageError(`${flag} takes a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

/** @param {Omit<Arguments, never>} args */
function check(args) {
  if (args.downloadPath !== undefined) return;
  if (!args.inputs.length) {
    throw new UsageError("an input is missing: --input-path workflow.json (or - for standard input)");
  }
  if (args.inputs.filter((input) => input === "-").length > 1) {
    throw new UsageError("standard input (-) can be read only once");
  }
  const saving = args.saveImages !== undefined || args.saveFiles !== undefined;
  if (!args.submit) {
    const needs = [
      ["--save-images", args.saveImages],
      ["--save-files", args.saveFiles],
      ["--no-wait", args.wait ? undefined : ""],
    ].find(([, value]) => value !== undefined);
    if (needs) throw new UsageError(`${needs[0]} needs --submit`);
  } else if (args.outputPath !== undefined) {
    throw new UsageError("--output-path is where a converted prompt goes: leave it or --submit out");
  }
  if (!args.wait && saving) {
    throw new UsageError("--no-wait leaves before there are files: leave out --save-images and --save-files");
  }
  if (!saving) {
    if (args.outputNodes) throw new UsageError("--output-nodes needs --save-images or --save-files");
    if (args.includeTemp) throw new UsageError("--include-temp needs --save-images or --save-files");
  }
  if (args.outputTypes && args.saveFiles === undefined) throw new UsageError("--output-types needs --save-files");
  if (args.saveImages === undefined) {
    // What --save-files saves keeps the server's names.
    if (args.ownPattern !== undefined) throw new UsageError("--filepattern names pictures: it needs --save-images");
    if (args.ownOffset !== undefined) throw new UsageError("--index-offset counts pictures: it needs --save-images");
  }
  if (args.outputTypes) checkKinds(args.outputTypes);
}

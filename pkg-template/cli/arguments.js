// @ts-check
// Reads and checks the arguments of the command line.
import { parseArgs } from "node:util";
import { checkKinds, nearest } from "../node/names.js";
// The entry loads the wasm.
import "../node-file.js";

/** A wrong command line; the message says what to write. Exit code 2. */
export class UsageError extends Error {}

const OPTIONS = /** @type {const} */ ({
  "input-path": { type: "string", short: "i", multiple: true },
  "output-path": { type: "string", short: "o" },
  "object-info-path": { type: "string", short: "f" },
  "node-info-path": { type: "string" },
  "download-object-info-path": { type: "string" },
  "download-node-info-path": { type: "string" },
  "server-url": { type: "string", short: "s", multiple: true },
  "wait-for-server": { type: "string" },
  set: { type: "string", multiple: true },
  seed: { type: "string" },
  repeat: { type: "string" },
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
    serverUrls: serverUrls(values["server-url"]),
    waitForServer: seconds("--wait-for-server", values["wait-for-server"]),
    sets: (values.set ?? []).map(setting),
    seed: seedOf(values.seed),
    repeat: wholeNumber("--repeat", values.repeat ?? "1"),
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
    // The default pattern is for all types of pictures; a given one must fit.
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
  return parseFlags(argv, OPTIONS);
}

/**
 * @template {import("node:util").ParseArgsConfig["options"]} T
 * @param {string[]} argv
 * @param {T} options
 */
export function parseFlags(argv, options) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    // Node explains how to pass a value that begins with a dash, which does not help here.
    const message = /** @type {Error} */ (error).message.split(". To specify")[0];
    const [, wrong] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
    const meant = wrong && nearest(wrong, Object.keys(Object(options)));
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
 * The servers that are named, else that of the environment.
 *
 * @param {string[] | undefined} named
 */
export function serverUrls(named) {
  const own = process.env.AUTOFLOW_COMFYUI_SERVER_URL;
  return named ?? (own ? [own] : []);
}

/**
 * @param {string} flag
 * @param {string | undefined} text
 */
function seconds(flag, text) {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`${flag} takes a number of seconds, not ${JSON.stringify(text)}`);
  return Number(text) * 1000;
}

/** @param {string} text NODE.INPUT=VALUE; quotes of NODE may hold an equals sign */
function setting(text) {
  const [, path, value] = /^((?:"(?:[^"\\]|\\.)*"|[^="])+)=(.*)$/s.exec(text) ?? [];
  if (path !== undefined) return { path, value };
  throw new UsageError(`--set takes NODE.INPUT=VALUE, such as KSampler.steps=20, not ${JSON.stringify(text)}`);
}

/**
 * @param {string | undefined} text
 * @returns {number | "random" | undefined}
 */
function seedOf(text) {
  if (text === undefined || text === "random") return text;
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed takes a whole number from 0 to 2^53 - 1, or random, not ${JSON.stringify(text)}`);
}

/**
 * @param {string} flag
 * @param {string} text
 */
export function wholeNumber(flag, text) {
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
  if (args.repeat < 1) throw new UsageError("--repeat takes a whole number from 1 on");
  const saving = args.saveImages !== undefined || args.saveFiles !== undefined;
  if (!args.submit) {
    const needs = [
      ["--save-images", args.saveImages],
      ["--save-files", args.saveFiles],
      ["--no-wait", args.wait ? undefined : ""],
      ["--repeat", args.repeat > 1 ? "" : undefined],
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

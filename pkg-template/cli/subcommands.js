// @ts-check
// Subcommands: what a server has and does, as a table on standard output, or as JSON.
import { ComfyClient, ObjectInfo, writeFile } from "../node-file.js";
import { parseFlags, serverUrls, UsageError, wholeNumber } from "./arguments.js";
import { apiKey, serverUrl } from "./server.js";
import { SUBCOMMAND_HELP } from "./help.js";
import { readObjectInfo } from "./inputs.js";
import { printable, table } from "./table.js";
import { print, say, shown, shownJson } from "./terminal.js";
import { declarations } from "./types.js";

const COMMON = /** @type {const} */ ({
  "server-url": { type: "string", short: "s" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
});

/**
 * @typedef {object} Call
 * @property {ComfyClient} comfy
 * @property {string[]} words
 * @property {Record<string, any>} flags
 * @property {AbortSignal} signal
 *
 * @typedef {object} Subcommand
 * @property {Record<string, any>} [flags] besides those that all have
 * @property {[least: number, most: number]} words how many it takes
 * @property {(call: Call) => Promise<{ value: unknown, text: string, failed?: boolean }>} run
 */

/** @type {Record<string, Subcommand>} */
const COMMANDS = {
  queue: {
    words: [0, 0],
    async run({ comfy, signal }) {
      const queue = await comfy.queue({ signal });
      const rows = [...queue.running, ...queue.pending];
      const text = rows.length === 0 ? "nothing runs or waits" : table(rows, QUEUE_COLUMNS, terminalWidth());
      return { value: queue, text };
    },
  },
  history: {
    flags: { limit: { type: "string" }, offset: { type: "string" } },
    words: [0, 0],
    async run({ comfy, flags, signal }) {
      const limit = wholeNumber("--limit", flags.limit ?? "20");
      const runs = await comfy.history({ limit, offset: wholeNumber("--offset", flags.offset ?? "0"), signal });
      const text = runs.length === 0 ? "the history is empty" : table(runs, HISTORY_COLUMNS, terminalWidth());
      return { value: runs, text };
    },
  },
  models: {
    words: [0, 1],
    async run({ comfy, words: [folder], signal }) {
      const names = folder === undefined ? await comfy.modelFolders({ signal }) : await comfy.models(folder, { signal });
      return { value: names, text: names.map(printable).join("\n") || `the folder ${folder} is empty` };
    },
  },
  stats: {
    words: [0, 0],
    async run({ comfy, signal }) {
      const stats = await comfy.systemStats({ signal });
      return { value: stats, text: table(statsRows(stats), STATS_COLUMNS, terminalWidth()) };
    },
  },
  cancel: {
    words: [1, Infinity],
    async run({ comfy, words }) {
      const found = await Promise.all(words.map((id) => comfy.cancel(id)));
      const lines = words.map((id, at) => `${printable(id)}  ${found[at] ? "cancelled" : "not in the queue"}`);
      const value = words.map((promptId, at) => ({ promptId, cancelled: found[at] }));
      return { value, text: lines.join("\n"), failed: found.includes(false) };
    },
  },
  free: {
    flags: { "keep-models": { type: "boolean" } },
    words: [0, 0],
    async run({ comfy, flags, signal }) {
      const unloadModels = !flags["keep-models"];
      await comfy.free({ unloadModels, signal });
      const what = unloadModels ? "models and memory are freed" : "memory is freed";
      return { value: { unloadModels, freeMemory: true }, text: `${what} once nothing runs` };
    },
  },
};

/**
 * @param {string} name
 * @param {string[]} argv
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether all went well
 */
export async function runSubcommand(name, argv, signal) {
  if (name === "types") return writeTypes(argv, signal);
  const { words: [least, most], flags: own, run } = COMMANDS[name];
  const { values: flags, positionals: words } = parseFlags(argv, { ...COMMON, ...own });
  if (flags.help) {
    process.stdout.write(SUBCOMMAND_HELP[name]);
    return true;
  }
  if (words.length < least) throw new UsageError(`${name} wants ${SUBCOMMAND_WORDS[name]}: npx comfyui-autoflow ${name} --help`);
  if (words.length > most) throw new UsageError(`${name} takes no ${JSON.stringify(words[most])}`);
  const url = serverUrl({ serverUrls: serverUrls(flags["server-url"] ? [String(flags["server-url"])] : undefined) });
  const comfy = new ComfyClient({ serverUrl: url, apiKey: apiKey() });
  const { value, text, failed = false } = await run({ comfy, words, flags, signal });
  print(flags.json ? shownJson(JSON.stringify(value, null, 2)) : text);
  return !failed;
}

/** @type {Record<string, string>} */
const SUBCOMMAND_WORDS = { cancel: "the ids of prompts" };

/**
 * @param {string[]} argv
 * @param {AbortSignal} signal
 */
async function writeTypes(argv, signal) {
  const { values: flags, positionals } = parseFlags(argv, {
    ...COMMON,
    "object-info-path": { type: "string", short: "f" },
    "output-path": { type: "string", short: "o" },
  });
  if (flags.help) {
    process.stdout.write(SUBCOMMAND_HELP.types);
    return true;
  }
  if (positionals.length) throw new UsageError(`types takes no ${JSON.stringify(positionals[0])}`);
  const file = flags["object-info-path"];
  const url = flags["server-url"];
  const text =
    file === undefined
      ? (await ObjectInfo.fetch(serverUrl({ serverUrls: serverUrls(url ? [url] : undefined) }), { signal, apiKey: apiKey() })).text
      : await readObjectInfo(file);
  const written = declarations(text, file ?? "the server");
  const target = flags["output-path"] ?? "comfy-nodes.d.ts";
  if (target === "-") {
    process.stdout.write(process.stdout.isTTY ? shown(written.text) : written.text);
  } else {
    await writeFile(target, written.text, { overwrite: true });
    print(target);
  }
  say(`${written.count} node classes`);
  return true;
}

/** Of the terminal; without one nothing is cut. */
function terminalWidth() {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
}

/** @type {import("./table.js").Column<import("../index.js").QueuedPrompt>[]} */
const QUEUE_COLUMNS = [
  { title: "#", of: ({ position }) => (position === 0 ? "runs" : position), align: "right" },
  { title: "PROMPT ID", of: ({ promptId }) => promptId, least: 8 },
  { title: "NODES", of: ({ prompt }) => (prompt ? Object.keys(prompt).length : null), align: "right", spare: true },
  { title: "CLIENT", of: ({ clientId }) => clientId, least: 8, spare: true },
];

/** @type {import("./table.js").Column<import("../index.js").PastRun>[]} */
const HISTORY_COLUMNS = [
  { title: "ENDED", of: ({ endedAt }) => timeOf(endedAt) },
  { title: "STATUS", of: ({ status }) => status },
  { title: "PROMPT ID", of: ({ promptId }) => promptId, least: 8 },
  { title: "TIME", of: durationOf, align: "right", spare: true },
  { title: "FILES", of: ({ files }) => files.length, align: "right", spare: true },
];

/** @type {import("./table.js").Column<[string, string]>[]} */
const STATS_COLUMNS = [
  { title: "WHAT", of: ([name]) => name },
  { title: "VALUE", of: ([, value]) => value, least: 8 },
];

/** @param {number | null} at Unix time in seconds */
function timeOf(at) {
  if (at === null) return null;
  const date = new Date(at * 1000);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time.slice(0, 5)}`;
}

/** @param {{ startedAt: number | null, endedAt: number | null }} run */
function durationOf({ startedAt, endedAt }) {
  return startedAt === null || endedAt === null ? null : `${(endedAt - startedAt).toFixed(1)} s`;
}

/**
 * @param {import("../index.js").SystemStats} stats
 * @returns {[string, string][]}
 */
function statsRows({ system, devices }) {
  const bytes = (/** @type {unknown} */ number) => (typeof number === "number" ? `${(number / 2 ** 30).toFixed(1)} GB` : "?");
  /** @type {[string, unknown][]} */
  const rows = [
    ["ComfyUI", system?.comfyui_version],
    ["Python", system?.python_version],
    ["System", system?.os],
    ["RAM free", system?.ram_total && `${bytes(system.ram_free)} of ${bytes(system.ram_total)}`],
    ...(Array.isArray(devices) ? devices : []).flatMap(({ name, vram_free: free, vram_total: all }) => [
      /** @type {[string, unknown]} */ (["Device", name]),
      /** @type {[string, unknown]} */ (["VRAM free", `${bytes(free)} of ${bytes(all)}`]),
    ]),
  ];
  return rows.filter(([, value]) => value).map(([name, value]) => [name, String(value)]);
}

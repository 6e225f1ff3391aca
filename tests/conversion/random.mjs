#!/usr/bin/env node
// @ts-check
// Random nodes with inputs that come and go, beside ComfyUI's own frontend: workflows as an editor saves them, some of
// them with links, options and members that the schema has no more. Prints what differs.
//
//   node tests/conversion/random.mjs [--seed N] [--count WORKFLOWS]
//
// Needs what oracle.mjs needs, and cargo. Half a second for each workflow of two dozen nodes.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root, target } from "../../scripts/paths.mjs";
import { ask, openFrontend } from "./frontend.mjs";

/** @typedef {{ name: string, type: string, widget: boolean, linked?: boolean }} Socket */

const { values: options } = parseArgs({ options: { seed: { type: "string" }, count: { type: "string" } } });
const seed = Number(options.seed ?? 1);
const count = Number(options.count ?? 40);

const NODES = 24;
const CLASSES = ["Mode", "ModeText", "ModeDeep", "ModeGrow", "ModeShot", "ModeTalk", "Grow", "GrowZero", "GrowNames"];
CLASSES.push("GrowValues", "GrowPairs", "Rows", "RowsSeed");
const VALUES = ["INT", "FLOAT", "STRING", "BOOLEAN"];

/** Where links come from: by type, the node, its class, its output and its value. @type {Record<string, [number, string, any[]]>} */
const SOURCES = {
  IMAGE: [1, "Source", []],
  INT: [2, "PrimitiveInt", [7, "fixed"]],
  STRING: [3, "PrimitiveString", ["s"]],
  FLOAT: [4, "PrimitiveFloat", [1.5]],
};

const schema = fileURLToPath(new URL("object_info.json", import.meta.url));
const objectInfo = JSON.parse(fs.readFileSync(schema, "utf8"));
const folder = path.join(target, "random-workflows");
const [workflows, prompts] = ["workflows", "prompts"].map((name) => path.join(folder, name));
fs.rmSync(folder, { recursive: true, force: true });
for (const place of [workflows, prompts]) fs.mkdirSync(place, { recursive: true });

const { page, close } = await openFrontend(objectInfo);
for (let at = 0; at < count; at += 1) {
  const workflow = JSON.stringify(randomWorkflow(dice(seed * 100_003 + at)));
  fs.writeFileSync(path.join(workflows, `${at}.json`), workflow);
  const { answer } = await page.evaluate(ask, JSON.parse(workflow));
  // What the frontend refuses is not compared.
  if (!answer.startsWith('{"error"')) fs.writeFileSync(path.join(prompts, `${at}.json`), answer);
}
await close();
const args = ["run", "--quiet", "--release", "--example", "conformance", "--", "--workflows", workflows];
const compared = spawnSync("cargo", [...args, "--prompts", prompts, "--object-info", schema], { cwd: root, stdio: "inherit" });
process.exit(compared.status ?? 1);

/** Random numbers that a seed repeats (xorshift32). @param {number} state */
function dice(state) {
  state = (state * 2654435761) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    below: (/** @type {number} */ limit) => Math.floor(next() * limit),
    chance: (/** @type {number} */ share) => next() < share,
    /** @template T @param {readonly T[]} list */
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

/** @typedef {ReturnType<typeof dice>} Dice */

/** @param {Dice} dice */
function randomWorkflow(dice) {
  /** @type {any[]} */
  const nodes = Object.values(SOURCES).map(([id, type, widgets_values]) => ({
    id,
    type,
    pos: [0, 0],
    mode: 0,
    inputs: [],
    outputs: objectInfo[type].output.map((/** @type {string} */ name) => ({ name, type: name, links: [] })),
    widgets_values,
  }));
  /** @type {any[]} */
  const links = [];
  for (let at = 0; at < NODES; at += 1) {
    const type = dice.pick(CLASSES);
    /** @type {Socket[]} */
    let sockets = [];
    /** @type {any[]} */
    const widgets_values = [];
    eachInput(objectInfo[type].input, (name, spec) => emit(dice, name, spec, sockets, widgets_values));
    for (const socket of sockets) socket.linked ??= dice.chance(0.4);
    // Editors differ in what they list first, and in whether they list widgets that nothing is linked to.
    if (dice.chance(0.4)) sockets = [...sockets.filter(({ widget }) => !widget), ...sockets.filter(({ widget }) => widget)];
    if (dice.chance(0.5)) sockets = sockets.filter(({ widget, linked }) => !widget || linked);
    const id = 10 + at;
    const inputs = sockets.map(({ name, type, widget, linked }, slot) => {
      const [from] = SOURCES[type] ?? [];
      const link = from && linked ? links.length + 1 : null;
      if (from && link) {
        links.push([link, from, 0, id, slot, type]);
        nodes[from - 1].outputs[0].links.push(link);
      }
      return { name, type, link, ...(widget && { widget: { name } }) };
    });
    nodes.push({ id, type, pos: [0, 0], mode: 0, inputs, outputs: [], widgets_values });
  }
  return { last_node_id: 100, last_link_id: 9999, nodes, links, version: 0.4 };
}

/** @param {any} inputs @param {(name: string, spec: any) => void} take */
function eachInput(inputs, take) {
  for (const group of ["required", "optional"]) {
    for (const [name, spec] of Object.entries(inputs?.[group] ?? {})) take(name, spec);
  }
}

/**
 * What a file has of one input of the schema: its sockets and its values.
 *
 * @param {Dice} dice
 * @param {string} name
 * @param {any} spec
 * @param {Socket[]} sockets
 * @param {any[]} values
 */
function emit(dice, name, [type, settings = {}], sockets, values) {
  if (type === "COMFY_DYNAMICCOMBO_V3") {
    /** @type {string[]} */
    const keys = settings.options.map((/** @type {any} */ option) => option.key);
    const key = dice.chance(0.08) ? "an option of another version" : dice.pick(keys);
    values.push(key);
    sockets.push({ name, type, widget: true });
    const listed = dice.chance(0.12) || !keys.includes(key) ? dice.pick(keys) : key;
    const { inputs } = settings.options.find((/** @type {any} */ option) => option.key === listed);
    eachInput(inputs, (child, spec) => emit(dice, `${name}.${child}`, spec, sockets, values));
  } else if (type === "COMFY_AUTOGROW_V3") {
    const { input, names, prefix = "" } = settings.template;
    const columns = Object.entries({ ...input.required, ...input.optional });
    const linked = dice.below(4);
    for (let at = 0; at <= linked; at += 1) {
      for (const [column, [type]] of columns) {
        const key = names ? names[at] : (columns.length > 1 ? column : prefix) + at;
        if (!key) continue;
        const widget = VALUES.includes(type);
        sockets.push({ name: `${name}.${key}`, type, widget, linked: at < linked && !dice.chance(0.15) });
        if (widget) values.push(valueOf(dice, type));
      }
    }
  } else if (type === "COMFY_DYNAMICGROUP_V3") {
    const rows = dice.below(4);
    values.push(rows);
    sockets.push({ name, type, widget: true });
    for (let row = 0; row < rows; row += 1) {
      eachInput(settings.template, (field, spec) => emit(dice, `${name}.${row}.${field}`, spec, sockets, values));
    }
  } else {
    const widget = VALUES.includes(type);
    sockets.push({ name, type, widget });
    if (!widget) return;
    values.push(valueOf(dice, type));
    if (/seed$/.test(name)) values.push("fixed");
  }
}

/** @param {Dice} dice @param {string} type */
function valueOf(dice, type) {
  if (type === "STRING") return `text ${dice.below(99)}`;
  return type === "FLOAT" ? dice.below(40) / 4 : dice.below(20);
}

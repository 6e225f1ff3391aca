// @ts-check
// Layout of a prompt, which has no positions: one column per depth, each node next to its sources.
import { SLOT_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT, arrange, isLink, textOf } from "./graph.js";

const WIDTH = 250;
const COLUMN_GAP = 90;
const NODE_GAP = 28;
const TEXT_HEIGHT = 100;

/**
 * @param {Record<string, any>} prompt
 * @param {import("../app/node-classes.js").NodeClasses} classes names and types of the slots
 * @returns {import("./graph.js").Graph}
 */
export function columnGraph(prompt, classes) {
  const depths = depthsOf(prompt);
  /** @type {Map<string, import("./graph.js").GraphNode>} */
  const nodes = new Map();
  for (const [id, saved] of Object.entries(prompt)) nodes.set(id, nodeOf(id, saved, prompt, classes));

  const wires = [];
  for (const [id, saved] of Object.entries(prompt)) {
    const to = /** @type {import("./graph.js").GraphNode} */ (nodes.get(id));
    for (const [name, value] of Object.entries(saved.inputs ?? {})) {
      if (!isLink(value, prompt)) continue;
      const from = /** @type {import("./graph.js").GraphNode} */ (nodes.get(String(value[0])));
      const output = outputOf(from, value[1]);
      const input = to.inputs.find((slot) => slot.name === name);
      if (!input) continue;
      input.type = output.type;
      wires.push({ from, output, to, input, type: output.type });
    }
  }
  for (const node of nodes.values()) Object.assign(node, arrange(node));

  place(nodes, depths, wires);
  return { nodes: [...nodes.values()], wires, groups: [], path: [], names: [] };
}

/** @param {string} id @param {any} saved @param {Record<string, any>} prompt @param {import("../app/node-classes.js").NodeClasses} classes */
function nodeOf(id, saved, prompt, classes) {
  const known = classes.get(saved.class_type);
  const entries = Object.entries(saved.inputs ?? {});
  const rows = entries
    .filter(([, value]) => !isLink(value, prompt))
    .map(([name, value]) => ({ name, text: textOf(value), y: 0, height: 0 }));
  const inputs = entries.filter(([, value]) => isLink(value, prompt)).map(([name]) => ({ name, type: "*", y: 0 }));
  const outputs = (known?.outputs ?? []).map((type, index) => ({
    name: String(known?.outputNames[index] ?? type),
    type: typeof type === "string" ? type : "COMBO",
    y: 0,
  }));
  const texts = rows.filter(({ text }) => text.length > 40).length;
  const height =
    Math.max(inputs.length, outputs.length) * SLOT_HEIGHT + (rows.length - texts) * ROW_HEIGHT + texts * TEXT_HEIGHT + 10;
  const title = String(saved._meta?.title ?? known?.title ?? saved.class_type);
  return { id, type: saved.class_type, title, x: 0, y: 0, width: WIDTH, height, inputs, outputs, rows, used: 0 };
}

/** Output slot of a node; created if its class is unknown. @param {any} node @param {number} index */
function outputOf(node, index) {
  while (node.outputs.length <= index) node.outputs.push({ name: "", type: "*", y: 0 });
  return node.outputs[index];
}

/** Depth of each node: the longest path from a node without links. @param {Record<string, any>} prompt */
function depthsOf(prompt) {
  /** @type {Map<string, number>} */
  const depths = new Map();
  const parents = (/** @type {string} */ id) =>
    Object.values(prompt[id].inputs ?? {})
      .filter((value) => isLink(value, prompt))
      .map((value) => String(value[0]));
  // Iterative, as a prompt can be a chain of thousands. A link back to an open node is a cycle and is ignored.
  for (const start of Object.keys(prompt)) {
    const open = [start];
    const entered = new Set();
    while (open.length) {
      const id = open[open.length - 1];
      const missing = depths.has(id) || entered.has(id) ? [] : parents(id).filter((parent) => !depths.has(parent));
      entered.add(id);
      const next = missing.filter((parent) => !entered.has(parent));
      if (next.length) open.push(...next);
      else {
        open.pop();
        if (!depths.has(id)) depths.set(id, 1 + Math.max(-1, ...parents(id).map((parent) => depths.get(parent) ?? -1)));
      }
    }
  }
  return depths;
}

/**
 * @param {Map<string, import("./graph.js").GraphNode>} nodes
 * @param {Map<string, number>} depths
 * @param {import("./graph.js").Wire[]} wires
 */
function place(nodes, depths, wires) {
  /** @type {import("./graph.js").GraphNode[][]} */
  const columns = [];
  for (const node of nodes.values()) (columns[depths.get(node.id) ?? 0] ??= []).push(node);
  const sources = groupByTarget(wires);
  let x = 0;
  for (const column of columns) {
    const wanted = new Map(
      column.map((node) => {
        const from = (sources.get(node) ?? []).map((wire) => wire.from.y + wire.output.y - wire.input.y);
        return [node, from.length ? from.reduce((sum, y) => sum + y, 0) / from.length : 0];
      }),
    );
    column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    let top = -Infinity;
    for (const node of column) {
      node.x = x;
      node.y = Math.max(wanted.get(node) ?? 0, top + TITLE_HEIGHT);
      top = node.y + node.height + NODE_GAP;
    }
    // Centres the column on its sources.
    const shift = column.reduce((sum, node) => sum + (wanted.get(node) ?? 0) - node.y, 0) / column.length;
    for (const node of column) node.y += shift;
    x += WIDTH + COLUMN_GAP;
  }
}

/** @param {import("./graph.js").Wire[]} wires */
function groupByTarget(wires) {
  /** @type {Map<import("./graph.js").GraphNode, import("./graph.js").Wire[]>} */
  const groups = new Map();
  for (const wire of wires) {
    const group = groups.get(wire.to);
    if (group) group.push(wire);
    else groups.set(wire.to, [wire]);
  }
  return groups;
}

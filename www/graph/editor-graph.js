// @ts-check
// Graph of a workflow with the editor's layout, one level of subgraphs at a time.
import { SLOT_HEIGHT, arrange, isLink, textOf } from "./graph.js";

/** @typedef {import("./graph.js").Graph} Graph */
/** @typedef {import("./graph.js").GraphNode} GraphNode */
/** @typedef {import("./graph.js").Slot} Slot */
/** @typedef {import("./graph.js").Wire} Wire */
/** @typedef {{ node: GraphNode, inputs: Slot[], outputs: Slot[], names: string[] }} Placed */

const MUTED = 2;
const BYPASSED = 4;
/** Ids of the input and output nodes of a subgraph. */
const INPUT_RIM = -10;
const OUTPUT_RIM = -20;
/** Types of nodes that send their input to every open input that it fits. */
const BROADCASTING = /\beverywhere\b/i;
const NOTES = new Set(["Note", "MarkdownNote"]);

/**
 * @param {any} workflow
 * @param {Record<string, any>} prompt what it was converted to: names and values of what the nodes show
 * @param {string[]} [path] ids of the subgraph instances to go into
 * @returns {Graph}
 */
export function editorGraph(workflow, prompt, path = []) {
  const definitions = new Map(list(workflow.definitions?.subgraphs).map((one) => [String(one.id), one]));
  let level = workflow;
  const names = [];
  for (const id of path) {
    const instance = list(level.nodes).find((node) => String(node.id) === id);
    level = definitions.get(String(instance?.type)) ?? { nodes: [] };
    names.push(instance?.title || level.name || String(instance?.type));
  }
  const prefix = path.map((id) => `${id}:`).join("");

  /** @type {Map<string, Placed>} */
  const placed = new Map();
  for (const saved of list(level.nodes)) {
    const definition = definitions.get(String(saved.type));
    placed.set(String(saved.id), place(saved, `${prefix}${saved.id}`, prompt, definition));
  }
  if (path.length) {
    const inputs = list(level.inputs);
    const outputs = list(level.outputs);
    placed.set(String(INPUT_RIM), rim(`${prefix}in`, level.inputNode, [], inputs));
    placed.set(String(OUTPUT_RIM), rim(`${prefix}out`, level.outputNode, outputs, []));
  }

  /** @type {Wire[]} */
  const wires = [];
  for (const link of list(level.links).map(readLink)) {
    const from = placed.get(link.from);
    const to = placed.get(link.to);
    const output = from?.outputs[link.output];
    const input = to?.inputs[link.input];
    if (!from || !to || !output || !input) continue;
    const type = link.type && link.type !== "*" ? link.type : output.type;
    wires.push({ from: from.node, output, to: to.node, input, type });
  }
  wires.push(...impliedWires(placed, wires, prompt, prefix));
  const groups = list(level.groups).map((group) => {
    const [x = 0, y = 0, width = 100, height = 100] = group.bounding ?? [];
    return { x, y, width, height, title: String(group.title ?? ""), tint: group.color };
  });
  return { nodes: [...placed.values()].map(({ node }) => node), wires, groups, path, names };
}

/**
 * Links of the prompt that the file does not have. As in the editor they begin at the broadcasting node, if it is on this
 * level, else at the source itself.
 *
 * @param {Map<string, Placed>} placed
 * @param {Wire[]} wires of the file
 * @param {Record<string, any>} prompt
 * @param {string} prefix of the ids on this level
 */
function impliedWires(placed, wires, prompt, prefix) {
  const linked = new Set(wires.map(({ input }) => input));
  const rim = placed.get(String(INPUT_RIM));
  /** @type {Wire[]} */
  const implied = [];
  for (const [id, { node, inputs, names }] of placed) {
    const values = prompt[prefix + id]?.inputs;
    for (const [index, name] of values ? names.entries() : []) {
      const value = values[name];
      const input = inputs[index];
      if (!input || linked.has(input) || !isLink(value, prompt)) continue;
      const from = placed.get(String(value[0]).slice(prefix.length));
      const own = from?.node.id === String(value[0]) ? from.outputs[value[1]] : undefined;
      // What comes from outside is broadcast as an input of the subgraph.
      const sources = own ? [own] : (rim?.outputs.filter(({ type }) => type === input.type) ?? []);
      const broadcast = wires.find((wire) => sources.includes(wire.output) && BROADCASTING.test(wire.to.type));
      const { type } = broadcast?.output ?? own ?? {};
      if (!type) continue;
      if (broadcast) implied.push({ from: broadcast.to, output: broadcast.input, fromInput: true, to: node, input, type, implied: true });
      else if (from && own) implied.push({ from: from.node, output: own, to: node, input, type, implied: true });
      else continue;
      input.quiet = false;
      if (!node.inputs.includes(input)) node.inputs.push(input);
    }
  }
  return implied;
}

/**
 * @param {any} saved
 * @param {string} id
 * @param {Record<string, any>} prompt
 * @param {any} [definition] of the subgraph, where it is an instance of one
 */
function place(saved, id, prompt, definition) {
  const [x, y] = pair(saved.pos);
  const [width, height] = pair(saved.size, [210, 60]);
  const known = prompt[id];
  const type = String(saved.type);
  const inputs = list(saved.inputs).map(slot);
  const outputs = list(saved.outputs).map(slot);
  const widgets = list(saved.inputs).filter((input) => input.widget);
  const rows = definition ? promoted(saved, widgets) : values(known, prompt, widgets);
  const onRows = new Map();
  for (const [index, input] of list(saved.inputs).entries()) {
    if (!input.widget) continue;
    inputs[index].quiet = true;
    if (!rows.some((row) => row.name === input.name)) rows.push({ name: input.name, text: "", y: 0, height: 0 });
    onRows.set(input.name, inputs[index]);
  }
  const note = NOTES.has(type) ? textOf(saved.widgets_values?.[0] ?? "") : undefined;
  const { used, height: needed } = arrange({ inputs, outputs, rows, height }, onRows);
  // An unlinked input on a row is not drawn; its row stands for it.
  const linked = new Set(list(saved.inputs).flatMap((input, index) => (input.link == null ? [] : [inputs[index]])));
  /** @type {GraphNode} */
  const node = {
    id,
    type: definition?.name ?? type,
    title: saved.title || known?._meta?.title || definition?.name || type,
    x,
    y,
    width,
    height: note === undefined && type !== "Reroute" ? needed : height,
    inputs: inputs.filter((input) => !input.quiet || linked.has(input)),
    outputs,
    rows,
    used,
    note,
    tint: saved.bgcolor || saved.color,
    collapsed: Boolean(saved.flags?.collapsed),
    bare: type === "Reroute",
    off: saved.mode === MUTED || saved.mode === BYPASSED,
    subgraph: Boolean(definition),
  };
  return { node, inputs, outputs, names: list(saved.inputs).map((input) => String(input.name)) };
}

/** @param {any} input @returns {Slot} */
function slot(input) {
  return { name: String(input.label ?? input.localized_name ?? input.name ?? ""), type: String(input.type ?? "*"), y: 0 };
}

/**
 * @param {any} known the node of the prompt
 * @param {Record<string, any>} prompt
 * @param {any[]} widgets
 */
function values(known, prompt, widgets) {
  const sockets = new Set(widgets.map((input) => input.name));
  return Object.entries(known?.inputs ?? {})
    .filter(([name, value]) => !isLink(value, prompt) || sockets.has(name))
    .map(([name, value]) => ({ name, text: isLink(value, prompt) ? "" : textOf(value), y: 0, height: 0 }));
}

/** Promoted widgets of a subgraph instance. @param {any} saved @param {any[]} widgets */
function promoted(saved, widgets) {
  return widgets.map((input, index) => ({
    name: String(input.name),
    text: textOf(saved.widgets_values?.[index] ?? ""),
    y: 0,
    height: 0,
  }));
}

/** @param {string} id @param {any} saved @param {any[]} inputs @param {any[]} outputs */
function rim(id, saved, inputs, outputs) {
  const [x = 0, y = 0, width = 120, height = 60] = saved?.bounding ?? [];
  const node = {
    id,
    type: "",
    title: "",
    x,
    y,
    width,
    height: Math.max(height, (inputs.length + outputs.length + 0.5) * SLOT_HEIGHT),
    inputs: inputs.map(slot),
    outputs: outputs.map(slot),
    rows: [],
    used: 0,
    bare: true,
  };
  arrange(node);
  return { node, inputs: node.inputs, outputs: node.outputs, names: [] };
}

/** Links are arrays at the root and objects in subgraphs. @param {any} link */
function readLink(link) {
  const [, from, output, to, input, type] = Array.isArray(link)
    ? link
    : [link.id, link.origin_id, link.origin_slot, link.target_id, link.target_slot, link.type];
  return { from: String(from), output, to: String(to), input, type: typeof type === "string" ? type : "*" };
}

/** A pair of numbers, saved as an array or as an object. @param {any} value @param {[number, number]} [otherwise] */
function pair(value, otherwise = [0, 0]) {
  return [Number(value?.[0] ?? otherwise[0]), Number(value?.[1] ?? otherwise[1])];
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}

// @ts-check
// Inputs of a prompt by name, and its seeds.
import { nearestName } from "./client.js";
import { ComfyError } from "./comfy-error.js";
import { setOwn } from "./own-properties.js";

/**
 * @typedef {Record<string, any>} Nodes
 *
 * @typedef {{ node: string, input: string }} InputRef
 */

/** The largest seed that is chosen. Node classes differ in what they take; every class seen takes this much. */
const LARGEST = 2 ** 31 - 1;

/** How many nodes or inputs an error lists. */
const MOST_LISTED = 30;

const FORM =
  'A path is NODE.INPUT, such as "KSampler.seed" or "3.seed": NODE is an id, a title (with dots: in double quotes) or a class.';

/**
 * The input that a path leads to. NODE is an id, a title or a class; the first of these kinds that matches decides. INPUT
 * is an input's exact name, dots included; else its beginning is an input that is linked, and the rest is a path in the
 * node that the link comes from: `KSampler.positive.text`.
 *
 * @param {Nodes} nodes
 * @param {string} path
 * @returns {InputRef}
 */
export function inputAt(nodes, path) {
  const [, quoted, plain, rest] = /^(?:"((?:[^"\\]|\\.)+)"|([^".][^.]*))\.(.+)$/s.exec(path) ?? [];
  if (rest === undefined) throw wrongPath(`${JSON.stringify(path)} is no path to an input.`, FORM);
  return inputOf(nodes, nodeNamed(nodes, quoted?.replace(/\\(.)/g, "$1") ?? plain), rest);
}

/** @param {Nodes} nodes @param {string} name */
function nodeNamed(nodes, name) {
  if (Object.hasOwn(nodes, name)) return name;
  const ids = Object.keys(nodes);
  for (const [what, of] of /** @type {const} */ ([["title", titleOf], ["class", classOf]])) {
    const found = ids.filter((id) => of(nodes[id]) === name);
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      const list = listed(found.map((id) => describe(nodes, id)));
      throw wrongPath(`Several nodes have the ${what} ${JSON.stringify(name)}: ${list}.`, "Name one by its id.");
    }
  }
  const names = ids.flatMap((id) => [id, titleOf(nodes[id]), classOf(nodes[id])]).filter(Boolean);
  const list = listed(ids.map((id) => describe(nodes, id)));
  const message = `No node of the prompt has the id, title or class ${JSON.stringify(name)}.`;
  throw wrongPath(message, `${question(name, names)}Its nodes: ${list}.`);
}

/**
 * @param {Nodes} nodes
 * @param {string} id
 * @param {string} path
 * @returns {InputRef}
 */
function inputOf(nodes, id, path) {
  const inputs = Object(nodes[id]?.inputs);
  if (Object.hasOwn(inputs, path)) return { node: id, input: path };
  const names = Object.keys(inputs);
  // The longest name that fits: an input's own name may hold dots.
  const linked = names.filter((name) => path.startsWith(`${name}.`)).sort((a, b) => b.length - a.length);
  for (const name of linked) {
    const origin = originOf(nodes, inputs[name]);
    // The rest is shorter each time, so that circles of links come to an end.
    if (origin !== undefined) return inputOf(nodes, origin, path.slice(name.length + 1));
  }
  const has = listed(names) || "none";
  const message = `Node ${describe(nodes, id)} has no input ${JSON.stringify(path)}.`;
  throw wrongPath(message, `${question(path.split(".")[0], names)}Its inputs: ${has}.`);
}

/**
 * The node that a link comes from; undefined of what is no link.
 *
 * @param {Nodes} nodes
 * @param {any} value
 */
function originOf(nodes, value) {
  if (!Array.isArray(value)) return undefined;
  const id = String(value[0]);
  return Object.hasOwn(nodes, id) ? id : undefined;
}

/**
 * Inputs that are called `seed`, or something that ends with it, and hold a number. A seed that is linked from a primitive
 * node is that node's value.
 *
 * @param {Nodes} nodes
 */
export function seedsOf(nodes) {
  /** @type {(InputRef & { value: unknown })[]} */
  const found = [];
  const add = (/** @type {string} */ node, /** @type {string} */ input) => {
    if (found.some((seed) => seed.node === node && seed.input === input)) return;
    found.push({ node, input, value: nodes[node].inputs[input] });
  };
  for (const [id, node] of Object.entries(nodes)) {
    for (const [name, value] of Object.entries(Object(node?.inputs))) {
      if (!/seed$/i.test(name)) continue;
      const origin = originOf(nodes, value);
      if (typeof value === "number") add(id, name);
      else if (origin !== undefined && isPrimitive(nodes[origin])) add(origin, "value");
    }
  }
  return found;
}

/** @param {any} node */
function isPrimitive(node) {
  return classOf(node).includes("Primitive") && typeof node.inputs?.value === "number";
}

/** @param {Nodes} nodes @param {InputRef} at @param {unknown} value */
export function setInput(nodes, { node, input }, value) {
  setOwn(nodes[node].inputs, input, value);
}

/** A new seed. */
export function newSeed() {
  const [word] = crypto.getRandomValues(new Uint32Array(1));
  return word % (LARGEST + 1);
}

/** @param {any} node */
const titleOf = (node) => text(node?._meta?.title);

/** @param {any} node */
const classOf = (node) => text(node?.class_type);

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {Nodes} nodes @param {string} id */
function describe(nodes, id) {
  const [title, type] = [titleOf(nodes[id]), classOf(nodes[id])];
  return title && title !== type ? `${id} (${type} ${JSON.stringify(title)})` : `${id} (${type})`;
}

/** @param {string[]} items */
function listed(items) {
  const more = items.length - MOST_LISTED;
  return items.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** @param {string} name @param {string[]} names */
function question(name, names) {
  const meant = nearestName(name, names);
  return meant ? `Did you mean ${JSON.stringify(meant)}? ` : "";
}

/** @param {string} message @param {string} advice */
function wrongPath(message, advice) {
  return new ComfyError("bad_input", message, { hint: { advice: "correct_path" } }, advice);
}

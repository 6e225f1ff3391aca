// @ts-check
// The graph model that is drawn, with the positions of nodes, slots and rows.

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 *
 * @typedef {object} Slot
 * @property {string} name
 * @property {string} type
 * @property {number} y below the top of the node's body
 * @property {boolean} [quiet] on a row of values, which names it already
 *
 * @typedef {object} Row a value of the node, as the editor's widgets show it
 * @property {string} name
 * @property {string} text
 * @property {number} y
 * @property {number} height more than one row for texts of several lines
 *
 * @typedef {object} GraphNode
 * @property {string} id as in the prompt: `12`, or `12:3` inside of a subgraph
 * @property {string} title
 * @property {string} type
 * @property {number} x of the body, whose title stands above it
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {Slot[]} inputs
 * @property {Slot[]} outputs
 * @property {Row[]} rows
 * @property {number} used height that slots and rows take; pictures go below
 * @property {string} [tint] a colour that the user gave it
 * @property {string} [note] what is written on it
 * @property {boolean} [collapsed]
 * @property {boolean} [bare] without a title: a Reroute, the rim of a subgraph
 * @property {boolean} [off] muted or bypassed
 * @property {boolean} [subgraph] can be opened
 * @property {boolean} [missing] its class is unknown to the server
 *
 * @typedef {object} Wire
 * @property {GraphNode} from
 * @property {Slot} output
 * @property {GraphNode} to
 * @property {Slot} input
 * @property {string} type
 * @property {boolean} [implied] the file has no such link: a node such as Anything Everywhere broadcasts it
 * @property {boolean} [fromInput] begins at an input, that of the broadcasting node
 *
 * @typedef {Box & { title: string, tint?: string }} Group
 *
 * @typedef {object} Graph
 * @property {GraphNode[]} nodes
 * @property {Wire[]} wires
 * @property {Group[]} groups
 * @property {string[]} path ids of the subgraph instances that lead here
 * @property {string[]} names their titles
 */

export const TITLE_HEIGHT = 30;
export const SLOT_HEIGHT = 20;
export const ROW_HEIGHT = 24;
const COLLAPSED_WIDTH = 160;

/** @param {GraphNode} node @returns {Box} with its title */
export function boxOf(node) {
  if (node.collapsed) {
    const width = Math.min(node.width, COLLAPSED_WIDTH);
    return { x: node.x, y: node.y - TITLE_HEIGHT, width, height: TITLE_HEIGHT };
  }
  const title = node.bare ? 0 : TITLE_HEIGHT;
  return { x: node.x, y: node.y - title, width: node.width, height: node.height + title };
}

/** Start point of a wire. @param {Wire} wire */
export function startOf({ from, output, fromInput }) {
  const box = boxOf(from);
  return { x: fromInput ? box.x : box.x + box.width, y: from.collapsed ? box.y + box.height / 2 : from.y + output.y };
}

/** End point of a wire. @param {Wire} wire */
export function endOf({ to, input }) {
  const box = boxOf(to);
  return { x: box.x, y: to.collapsed ? box.y + box.height / 2 : to.y + input.y };
}

/** Bounding box of the graph. @param {Graph} graph @returns {Box} */
export function boundsOf({ nodes, groups }) {
  const boxes = [...nodes.map(boxOf), ...groups];
  if (!boxes.length) return { x: 0, y: 0, width: 100, height: 100 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Positions slots and rows from top to bottom, as the editor does: slots, then one row per value. Multi-line texts share
 * the remaining height.
 *
 * @param {Pick<GraphNode, "inputs" | "outputs" | "rows" | "height">} node its slots' `y` are set here
 * @param {Map<string, Slot>} [slotOfRow] inputs that sit on the row of their value
 * @returns {{ used: number, height: number }}
 */
export function arrange({ inputs, outputs, rows, height }, slotOfRow = new Map()) {
  const onRows = new Set(slotOfRow.values());
  const free = inputs.filter((slot) => !onRows.has(slot));
  free.forEach((slot, index) => (slot.y = (index + 0.7) * SLOT_HEIGHT));
  outputs.forEach((slot, index) => (slot.y = (index + 0.7) * SLOT_HEIGHT));
  let y = Math.max(free.length, outputs.length) * SLOT_HEIGHT + 6;
  const long = rows.filter(isLong);
  const fixed = y + (rows.length - long.length) * ROW_HEIGHT + 4;
  const each = long.length ? Math.min(240, Math.max(ROW_HEIGHT * 2, (height - fixed) / long.length)) : 0;
  for (const row of rows) {
    row.y = y;
    row.height = isLong(row) ? each : ROW_HEIGHT;
    y += row.height;
    const slot = slotOfRow.get(row.name);
    if (slot) slot.y = row.y + ROW_HEIGHT / 2;
  }
  const used = y + (rows.length ? 4 : 2);
  return { used, height: Math.max(height, used) };
}

/** @param {Row} row */
function isLong(row) {
  return row.text.length > 40 || row.text.includes("\n");
}

/** Text of a value on a node. @param {unknown} value */
export function textOf(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toFixed(6)));
  if (typeof value === "bigint") return String(value);
  if (value && typeof value === "object" && "__value__" in value) return textOf(value.__value__);
  return value === undefined ? "" : JSON.stringify(value);
}

/**
 * Whether an input is a link.
 *
 * @param {unknown} value
 * @param {object} prompt
 * @returns {value is [string, number]}
 */
export function isLink(value, prompt) {
  return Array.isArray(value) && value.length === 2 && Number.isInteger(value[1]) && Object.hasOwn(prompt, String(value[0]));
}

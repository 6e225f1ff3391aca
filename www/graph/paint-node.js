// @ts-check
// Paints one node: body, title, state, slots, values, picture.
import { ROW_HEIGHT, TITLE_HEIGHT, boxOf } from "./graph.js";
import { typeColour } from "./colours.js";
import { fitted, wrapped } from "./text.js";

/** @typedef {import("./graph.js").GraphNode} GraphNode */
/** @typedef {import("./paint.js").Scene} Scene */
/** @typedef {import("../app/node-states.js").NodeState} NodeState */

const RADIUS = 8;
const RING = 8;
/** If less height is free, the picture is drawn below the node. */
const LEAST_PICTURE = 90;
/** Shorter durations are not shown. */
const LEAST_SECONDS = 0.05;
const FULL = Math.PI * 2;

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {Scene} scene @param {boolean} readable */
export function paintNode(context, node, scene, readable) {
  const { theme } = scene;
  const state = scene.showStates && node.note === undefined ? scene.stateOf(node) : undefined;
  const box = boxOf(node);
  context.save();
  if (node.off) context.globalAlpha = 0.4;

  body(context, node, box, theme);
  if (!readable && state && state.state !== "waiting") {
    // At small scales the whole node is tinted.
    context.save();
    context.globalAlpha = 0.35;
    context.fillStyle = colourOf(state, theme);
    context.fillRect(box.x, box.y, box.width, box.height);
    context.restore();
  }
  if (readable) {
    if (!node.collapsed) {
      for (const slot of node.inputs) paintSlot(context, node, slot, "input", theme);
      for (const slot of node.outputs) paintSlot(context, node, slot, "output", theme);
      for (const row of node.rows) paintRow(context, node, row, theme);
      if (node.note) paintNote(context, node, node.note, theme);
    }
    if (!node.bare) title(context, node, box, state, scene);
  }
  if (state?.picture) paintPicture(context, node, box, state.picture, theme);
  if (node.missing) missingEdge(context, box, theme);
  else if (state) edge(context, box, state, theme);
  if (scene.selected === node.id) {
    context.strokeStyle = theme.text;
    context.lineWidth = Math.max(1.5, 1.5 / scene.camera.scale);
    context.beginPath();
    context.roundRect(box.x - 4, box.y - 4, box.width + 8, box.height + 8, RADIUS + 3);
    context.stroke();
  }
  if (!readable && state && !node.bare) {
    const radius = Math.min(box.height, box.width) * 0.28;
    mark(context, box.x + box.width / 2, box.y + box.height / 2, radius, state, scene);
  }
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {import("./graph.js").Box} box @param {Scene["theme"]} theme */
function body(context, node, box, theme) {
  const shape = new Path2D();
  shape.roundRect(box.x, box.y, box.width, box.height, node.bare ? 6 : RADIUS);
  context.fillStyle = theme.node;
  context.fill(shape);
  if (node.tint) {
    context.globalAlpha *= theme.dark ? 0.65 : 0.18;
    context.fillStyle = node.tint;
    context.fill(shape);
    context.globalAlpha = node.off ? 0.4 : 1;
  }
  if (!node.bare && !node.collapsed) {
    context.fillStyle = theme.nodeTitle;
    context.beginPath();
    context.roundRect(box.x, box.y, box.width, TITLE_HEIGHT, [RADIUS, RADIUS, 0, 0]);
    context.fill();
  }
  context.strokeStyle = theme.outline;
  context.lineWidth = 1;
  context.stroke(shape);
}

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {import("./graph.js").Box} box @param {NodeState | undefined} state @param {Scene} scene */
function title(context, node, box, state, scene) {
  const { theme } = scene;
  const middle = box.y + TITLE_HEIGHT / 2;
  if (state) mark(context, box.x + 17, middle, RING, state, scene);
  else {
    context.fillStyle = theme.muted;
    context.beginPath();
    context.arc(box.x + 17, middle, 4, 0, FULL);
    context.fill();
  }
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  const side = sideText(node, state);
  const sideWidth = side ? context.measureText(side).width + 10 : 0;
  if (side) {
    context.fillStyle = state?.state === "running" ? theme.text : theme.muted;
    context.textAlign = "right";
    context.fillText(side, box.x + box.width - 10, middle + 0.5);
    context.textAlign = "left";
  }
  context.fillStyle = theme.text;
  context.font = `600 13.5px ${theme.font}`;
  context.fillText(fitted(context, node.title, box.width - 44 - sideWidth), box.x + 32, middle + 0.5);
}

/** Text at the right of a title. @param {GraphNode} node @param {NodeState | undefined} state */
function sideText(node, state) {
  if (state?.state === "running" && state.max) return `${state.value} / ${state.max}`;
  if (node.missing) return "not on the server";
  if (state?.state === "cached" && state.unused) return "not needed";
  if (state?.state === "cached" || state?.state === "refused") return state.state;
  if (state?.state === "done" && (state.seconds ?? 0) >= LEAST_SECONDS) return `${state.seconds?.toFixed(1)} s`;
  return node.subgraph ? "subgraph ▸" : "";
}

/** Outline of a node. @param {CanvasRenderingContext2D} context @param {import("./graph.js").Box} box @param {NodeState} state @param {Scene["theme"]} theme */
function edge(context, box, state, theme) {
  if (state.state === "waiting") return;
  context.strokeStyle = colourOf(state, theme);
  context.lineWidth = ["running", "failed", "refused"].includes(state.state) ? 3 : 1.75;
  if (state.state === "cached" || state.state === "refused") context.setLineDash([6, 4]);
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, RADIUS);
  context.stroke();
  context.setLineDash([]);
}

/** Outline of a node whose class the server lacks. @param {CanvasRenderingContext2D} context @param {import("./graph.js").Box} box @param {Scene["theme"]} theme */
function missingEdge(context, box, theme) {
  context.strokeStyle = theme.failed;
  context.lineWidth = 3;
  context.setLineDash([3, 5]);
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, RADIUS);
  context.stroke();
  context.setLineDash([]);
}

/** @param {NodeState} state @param {Scene["theme"]} theme */
export function colourOf({ state }, theme) {
  if (state === "running") return theme.accent;
  if (state === "waiting") return theme.muted;
  return theme[state];
}

/**
 * The symbol of a state. Shapes differ, not only colours, for colour-blind users.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius
 * @param {NodeState} state @param {Scene} scene
 */
function mark(context, x, y, radius, state, { theme, turn }) {
  const colour = colourOf(state, theme);
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = radius * 0.34;
  context.lineCap = "round";
  const line = (/** @type {number[][]} */ points) => {
    context.beginPath();
    for (const [dx, dy] of points) context.lineTo(x + dx * radius, y + dy * radius);
    context.stroke();
  };
  const ring = (/** @type {number} */ alpha) => {
    const before = context.globalAlpha;
    context.globalAlpha = before * alpha;
    context.beginPath();
    context.arc(x, y, radius, 0, FULL);
    context.stroke();
    context.globalAlpha = before;
  };
  if (state.state === "running") {
    ring(0.25);
    const part = state.max ? Math.max(0.03, state.value / state.max) : 0.25;
    const from = state.max ? -FULL / 4 : turn;
    context.beginPath();
    context.arc(x, y, radius, from, from + FULL * part);
    context.stroke();
    if (state.max) {
      context.beginPath();
      context.arc(x, y, radius * 0.32 * (1 + 0.25 * Math.sin(turn * 2)), 0, FULL);
      context.fill();
    }
  } else if (state.state === "waiting") {
    context.lineWidth = radius * 0.2;
    ring(0.7);
  } else {
    context.beginPath();
    context.arc(x, y, radius, 0, FULL);
    context.fill();
    context.strokeStyle = context.fillStyle = theme.node;
    context.lineWidth = radius * 0.26;
    if (state.state === "done") line([[-0.42, 0.02], [-0.1, 0.36], [0.45, -0.32]]);
    if (state.state === "cached") line([[0.14, -0.55], [-0.3, 0.1], [0.3, -0.08], [-0.12, 0.55]]);
    if (state.state === "stopped") line([[-0.35, 0], [0.35, 0]]);
    if (state.state === "refused") line([[-0.4, 0.4], [0.4, -0.4]]);
    if (state.state === "failed") {
      line([[-0.35, -0.35], [0.35, 0.35]]);
      line([[-0.35, 0.35], [0.35, -0.35]]);
    }
  }
  context.lineCap = "butt";
}

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {import("./graph.js").Slot} slot @param {"input" | "output"} side @param {Scene["theme"]} theme */
function paintSlot(context, node, slot, side, theme) {
  const x = side === "input" ? node.x : node.x + node.width;
  const y = node.y + slot.y;
  context.fillStyle = typeColour(slot.type, theme.dark);
  context.beginPath();
  context.arc(x, y, 5, 0, FULL);
  context.fill();
  if (slot.quiet || !slot.name) return;
  context.fillStyle = theme.muted;
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  context.textAlign = side === "input" ? "left" : "right";
  const room = node.bare || !node.outputs.length || !node.inputs.length ? node.width - 24 : node.width / 2 - 14;
  context.fillText(fitted(context, slot.name, room), side === "input" ? x + 12 : x - 12, y + 0.5);
  context.textAlign = "left";
}

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {import("./graph.js").Row} row @param {Scene["theme"]} theme */
function paintRow(context, node, row, theme) {
  const [x, y, width, height] = [node.x + 12, node.y + row.y + 2, node.width - 24, row.height - 4];
  context.fillStyle = theme.field;
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.fill();
  context.font = `12px ${theme.font}`;
  context.textBaseline = "middle";
  if (row.height > ROW_HEIGHT) {
    context.fillStyle = theme.text;
    const lines = wrapped(context, row.text, width - 16, Math.max(1, Math.floor((height - 8) / 16)));
    lines.forEach((line, index) => context.fillText(line, x + 8, y + 13 + index * 16));
    return;
  }
  context.fillStyle = theme.muted;
  const name = fitted(context, row.name, width * 0.55);
  context.fillText(name, x + 8, y + height / 2 + 0.5);
  context.fillStyle = theme.text;
  context.textAlign = "right";
  const room = width - context.measureText(name).width - 26;
  context.fillText(fitted(context, row.text, room), x + width - 8, y + height / 2 + 0.5);
  context.textAlign = "left";
}

/** @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {string} note @param {Scene["theme"]} theme */
function paintNote(context, node, note, theme) {
  context.fillStyle = theme.text;
  context.font = `12.5px ${theme.font}`;
  context.textBaseline = "middle";
  const lines = wrapped(context, note, node.width - 28, Math.max(1, Math.floor((node.height - 12) / 17)));
  lines.forEach((line, index) => context.fillText(line, node.x + 14, node.y + 16 + index * 17));
}

/** Draws a picture in the free part of a node, or below it. @param {CanvasRenderingContext2D} context @param {GraphNode} node @param {import("./graph.js").Box} box @param {NonNullable<NodeState["picture"]>} picture @param {Scene["theme"]} theme */
function paintPicture(context, node, box, picture, theme) {
  const free = node.collapsed ? 0 : node.height - node.used;
  const inside = free >= LEAST_PICTURE;
  const width = box.width - 20;
  const room = inside ? free - 14 : width * 1.5;
  const scale = Math.min(width / picture.width, room / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  const x = box.x + (box.width - w) / 2;
  const y = inside ? node.y + node.used + (free - 14 - h) / 2 + 4 : box.y + box.height + 8;
  if (!inside) {
    context.fillStyle = theme.node;
    context.beginPath();
    context.roundRect(x - 5, y - 5, w + 10, h + 10, RADIUS);
    context.fill();
    context.strokeStyle = theme.outline;
    context.stroke();
  }
  context.save();
  context.beginPath();
  context.roundRect(x, y, w, h, 5);
  context.clip();
  context.drawImage(picture, x, y, w, h);
  context.restore();
}

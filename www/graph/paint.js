// @ts-check
// Paints background, groups, wires and nodes. Skips what is out of view, and details at small scales.
import { boxOf, endOf, startOf } from "./graph.js";
import { typeColour } from "./colours.js";
import { paintNode } from "./paint-node.js";

/**
 * @typedef {object} Scene
 * @property {import("./graph.js").Graph} graph
 * @property {import("./camera.js").Camera} camera
 * @property {import("./colours.js").Theme} theme
 * @property {(node: import("./graph.js").GraphNode) => import("../app/node-states.js").NodeState} stateOf
 * @property {boolean} showStates whether a run is shown
 * @property {string | null} selected id of a node
 * @property {number} width of the canvas, in CSS pixels
 * @property {number} height
 * @property {number} ratio device pixels to one of them
 * @property {number} turn of the spinning rings, in radians
 */

/** Below this scale names and values are unreadable and are skipped. */
const READABLE = 0.38;
const DOT_GAP = 24;

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paint(context, scene) {
  const { camera, theme, graph, width, height, ratio } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = theme.canvas;
  context.fillRect(0, 0, width, height);
  dots(context, scene);

  const scale = camera.scale * ratio;
  context.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale);
  const view = { x: camera.x, y: camera.y, width: width / camera.scale, height: height / camera.scale };
  for (const group of graph.groups) if (meets(group, view)) paintGroup(context, group, scene);
  paintWires(context, scene, view);
  const readable = camera.scale >= READABLE;
  for (const node of graph.nodes) {
    // A picture can extend below its node.
    const box = boxOf(node);
    if (meets({ ...box, height: box.height + node.width * 2 }, view)) paintNode(context, node, scene, readable);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
function dots(context, { camera, theme, width, height }) {
  let gap = DOT_GAP * camera.scale;
  while (gap < 14) gap *= 2;
  context.fillStyle = theme.dots;
  const [left, top] = [-(camera.x * camera.scale) % gap, -(camera.y * camera.scale) % gap];
  for (let x = left; x < width; x += gap) for (let y = top; y < height; y += gap) context.fillRect(x, y, 1.25, 1.25);
}

/** @param {CanvasRenderingContext2D} context @param {import("./graph.js").Group} group @param {Scene} scene */
function paintGroup(context, group, { theme }) {
  const colour = group.tint ?? theme.muted;
  context.save();
  context.globalAlpha = theme.dark ? 0.14 : 0.12;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(group.x, group.y, group.width, group.height, 10);
  context.fill();
  context.globalAlpha = 0.45;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
  context.globalAlpha = 0.9;
  context.fillStyle = theme.muted;
  context.font = `600 18px ${theme.font}`;
  context.textBaseline = "alphabetic";
  context.fillText(group.title, group.x + 12, group.y + 24, group.width - 24);
  context.restore();
}

/** Draws all wires of a colour in one stroke. @param {CanvasRenderingContext2D} context @param {Scene} scene @param {import("./graph.js").Box} view */
function paintWires(context, { graph, theme, camera, stateOf, showStates }, view) {
  /** @type {Map<string, { quiet: Path2D, busy: Path2D, implied: Path2D }>} */
  const paths = new Map();
  for (const wire of graph.wires) {
    const [start, end] = [startOf(wire), endOf(wire)];
    const reach = Math.max(30, Math.min(160, Math.hypot(end.x - start.x, end.y - start.y) * 0.35));
    const left = Math.min(start.x, end.x) - reach;
    const right = Math.max(start.x, end.x) + reach;
    const [top, bottom] = start.y < end.y ? [start.y, end.y] : [end.y, start.y];
    if (!meets({ x: left, y: top, width: right - left, height: bottom - top + 1 }, view)) continue;
    let path = paths.get(wire.type);
    if (!path) paths.set(wire.type, (path = { quiet: new Path2D(), busy: new Path2D(), implied: new Path2D() }));
    const busy = showStates && stateOf(wire.to).state === "running";
    const one = wire.implied ? path.implied : busy ? path.busy : path.quiet;
    one.moveTo(start.x, start.y);
    one.bezierCurveTo(wire.fromInput ? start.x - reach : start.x + reach, start.y, end.x - reach, end.y, end.x, end.y);
  }
  const thin = Math.max(2, 0.9 / camera.scale);
  for (const [type, { quiet, busy, implied }] of paths) {
    context.strokeStyle = typeColour(type, theme.dark);
    context.globalAlpha = showStates ? 0.7 : 0.9;
    context.lineWidth = thin;
    context.stroke(quiet);
    context.setLineDash([thin * 4, thin * 4]);
    context.stroke(implied);
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.lineWidth = thin * 1.8;
    context.stroke(busy);
  }
  context.globalAlpha = 1;
}

/** @param {import("./graph.js").Box} a @param {import("./graph.js").Box} b */
function meets(a, b) {
  return a.x < b.x + b.width && a.x + a.width > b.x && a.y < b.y + b.height && a.y + a.height > b.y;
}

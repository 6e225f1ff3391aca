// @ts-check
// The canvas of the graph with its pointer and keyboard input. Draws at most once per frame, and only after a change.
import { Camera } from "./camera.js";
import { readTheme } from "./colours.js";
import { boundsOf, boxOf } from "./graph.js";
import { paint } from "./paint.js";
import { onFrame } from "../app/frame.js";

const PAN_STEP = 60;
const ZOOM_STEP = 1.2;
const CLICK_DISTANCE = 5;
const TURN_MS = 1100;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {import("../app/node-states.js").NodeState} */
const WAITING = { state: "waiting", value: 0, max: 0 };

export class GraphView {
  /** @type {import("./graph.js").Graph} */
  graph = { nodes: [], wires: [], groups: [], path: [], names: [] };
  /** @type {string | null} */
  selected = null;
  /** @type {import("../app/node-states.js").NodeStates | null} */
  states = null;
  camera = new Camera();
  /** Fit again when the size changes; ends once the user moves or zooms. */
  fitting = true;
  frames = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{ onSelect: (id: string | null) => void, onOpen: (id: string) => void, onLeave: () => void }} listeners
   */
  constructor(canvas, listeners) {
    this.canvas = canvas;
    this.listeners = listeners;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.theme = readTheme(document.body);
    this.draw = onFrame((now) => this.paint(now));
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.listen();
  }

  /** @param {import("./graph.js").Graph} graph */
  show(graph, { fit = true } = {}) {
    this.graph = graph;
    if (!graph.nodes.some(({ id }) => id === this.selected)) this.selected = null;
    if (fit) this.fit();
    this.draw();
  }

  /** Reads the colours again. */
  restyle() {
    this.theme = readTheme(document.body);
    this.draw();
  }

  fit() {
    this.fitting = true;
    this.camera.fit(boundsOf(this.graph), this.canvas.clientWidth, this.canvas.clientHeight);
    this.draw();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.fitting = false;
    this.camera.zoom(factor, this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
    this.draw();
  }

  /** @param {string | null} id */
  select(id) {
    this.selected = id;
    const node = this.graph.nodes.find((node) => node.id === id);
    if (node) this.camera.reveal(boxOf(node), this.canvas.clientWidth, this.canvas.clientHeight);
    this.draw();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    if (this.fitting) this.fit();
    // Resizing clears a canvas. Painting at once avoids a flash.
    this.paint(performance.now());
  }

  /** @param {number} now */
  paint(now) {
    const { canvas, context, camera, graph, theme, states, selected } = this;
    if (!canvas.width || !canvas.height) return;
    this.frames += 1;
    paint(context, {
      graph,
      camera,
      theme,
      selected,
      showStates: Boolean(states),
      stateOf: (node) => states?.of(node) ?? WAITING,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      ratio: canvas.width / canvas.clientWidth,
      turn: calm.matches ? 0 : ((now % TURN_MS) / TURN_MS) * Math.PI * 2,
    });
    if (states?.running && !calm.matches && !document.hidden) this.draw();
  }

  /** @param {number} x @param {number} y */
  nodeAt(x, y) {
    const point = this.camera.toGraph(x, y);
    return this.graph.nodes.findLast((node) => {
      const box = boxOf(node);
      return point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height;
    });
  }

  listen() {
    const { canvas } = this;
    /** @type {Map<number, { x: number, y: number }>} */
    const pointers = new Map();
    let moved = 0;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (pointers.size === 1) moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      const now = { x: event.offsetX, y: event.offsetY };
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const grown = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(last.x - other.x, last.y - other.y);
        this.camera.zoom(grown, (now.x + other.x) / 2, (now.y + other.y) / 2);
      }
      const share = pointers.size;
      this.camera.pan((now.x - last.x) / share, (now.y - last.y) / share);
      moved += Math.hypot(now.x - last.x, now.y - last.y);
      pointers.set(event.pointerId, now);
      if (moved > CLICK_DISTANCE) this.fitting = false;
      this.draw();
    });
    const up = (/** @type {PointerEvent} */ event) => {
      if (!pointers.delete(event.pointerId) || event.type === "pointercancel" || moved > CLICK_DISTANCE) return;
      const id = this.nodeAt(event.offsetX, event.offsetY)?.id ?? null;
      this.selected = id;
      this.listeners.onSelect(id);
      this.draw();
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("dblclick", (event) => {
      const node = this.nodeAt(event.offsetX, event.offsetY);
      if (node?.subgraph) this.listeners.onOpen(node.id);
    });
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.fitting = false;
        this.camera.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.offsetX, event.offsetY);
        this.draw();
      },
      { passive: false },
    );
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.key(event.key)) return;
      event.preventDefault();
      this.draw();
    });
  }

  /** @param {string} key @returns {boolean} whether it means something here */
  key(key) {
    const pans = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [PAN_STEP, 0],
      ArrowRight: [-PAN_STEP, 0],
      ArrowUp: [0, PAN_STEP],
      ArrowDown: [0, -PAN_STEP],
    });
    if (pans[key]) {
      this.fitting = false;
      this.camera.pan(...pans[key]);
    } else if (key === "+" || key === "=") this.zoom(ZOOM_STEP);
    else if (key === "-") this.zoom(1 / ZOOM_STEP);
    else if (key === "0" || key === "f") this.fit();
    else if (key === "n" || key === "p") this.step(key === "n" ? 1 : -1);
    else if (key === "Enter") {
      const node = this.graph.nodes.find(({ id }) => id === this.selected);
      if (!node?.subgraph) return false;
      this.listeners.onOpen(node.id);
    } else if (key === "Backspace" || key === "Escape") this.listeners.onLeave();
    else return false;
    return true;
  }

  /** Selects the next node, from left to right. @param {number} by */
  step(by) {
    const nodes = this.graph.nodes.filter(({ bare }) => !bare).sort((a, b) => a.x - b.x || a.y - b.y);
    if (!nodes.length) return;
    const at = nodes.findIndex(({ id }) => id === this.selected);
    const next = nodes[(at + by + nodes.length + (at < 0 && by < 0 ? 1 : 0)) % nodes.length];
    this.select(next.id);
    this.listeners.onSelect(next.id);
  }
}

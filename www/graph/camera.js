// @ts-check
// The visible part of the graph: a position and a scale.

const SMALLEST = 0.05;
const LARGEST = 2.5;
/** `fit` never enlarges a small graph beyond this scale. */
const LARGEST_FIT = 1.15;

export class Camera {
  x = 0;
  y = 0;
  scale = 1;

  /** @param {number} x on the screen @param {number} y */
  toGraph(x, y) {
    return { x: x / this.scale + this.x, y: y / this.scale + this.y };
  }

  /** @param {number} dx on the screen @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** Zooms around a fixed point of the screen. @param {number} factor @param {number} x @param {number} y */
  zoom(factor, x, y) {
    const before = this.toGraph(x, y);
    this.scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    const after = this.toGraph(x, y);
    this.x += before.x - after.x;
    this.y += before.y - after.y;
  }

  /** @param {import("./graph.js").Box} box @param {number} width of the screen @param {number} height */
  fit(box, width, height, margin = Math.min(40, width * 0.05)) {
    const scale = Math.min((width - 2 * margin) / box.width, (height - 2 * margin) / box.height, LARGEST_FIT);
    this.scale = Math.max(SMALLEST, scale);
    this.x = box.x + box.width / 2 - width / 2 / this.scale;
    this.y = box.y + box.height / 2 - height / 2 / this.scale;
  }

  /** Scrolls a box into view. @param {import("./graph.js").Box} box @param {number} width @param {number} height */
  reveal(box, width, height) {
    const seen = { width: width / this.scale, height: height / this.scale };
    if (box.x < this.x || box.x + box.width > this.x + seen.width) this.x = box.x + box.width / 2 - seen.width / 2;
    if (box.y < this.y || box.y + box.height > this.y + seen.height) this.y = box.y + box.height / 2 - seen.height / 2;
  }
}

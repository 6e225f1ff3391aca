// @ts-check
// Paints the landscape that the sampler returns, layer by layer. Coordinates are relative to the height, so that a
// preview and the full size show the same picture.
import { emptyPicture } from "../images/image-operations.js";
import { sceneOf } from "./scene.js";
import { at, clouds, outline, plane } from "./noise.js";

/**
 * @typedef {import("../images/png.js").Picture} Picture
 * @typedef {import("./scene.js").Colour} Colour
 * @typedef {import("./scene.js").Scene} Scene
 */

const LAYERS = 5;
const ROWS_PER_YIELD = 16;

/** @param {Colour} a @param {Colour} b @param {number} share of b @returns {Colour} */
function mix(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** @param {number} low @param {number} high @param {number} value */
function step(low, high, value) {
  const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
  return share * share * (3 - 2 * share);
}

/**
 * @typedef {{text: string, without: string, style: string, seed: number | bigint, width: number, height: number}} Subject
 */

/** @param {Subject} subject @returns {Picture} */
export function paint(subject) {
  const work = painting(subject);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Paints and yields to the event loop in between. @param {Subject} subject @returns {Promise<Picture>} */
export async function paintYielding(subject) {
  const work = painting(subject);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await new Promise(setImmediate);
  }
}

/** @param {Subject} subject @returns {Generator<undefined, Picture>} yields after some rows */
function* painting({ width, height, ...subject }) {
  const scene = sceneOf(subject);
  const picture = emptyPicture(width, height, 3);
  const wide = width / height;
  const pixel = 1 / height;
  const columns = Array.from({ length: width }, (_, x) => ridges(scene, ((x + 0.5) / width) * wide, wide));
  const shore = scene.horizon + 0.17;
  let out = 0;
  for (let row = 0; row < height; row += 1) {
    const y = (row + 0.5) / height;
    for (let column = 0; column < width; column += 1) {
      const x = ((column + 0.5) / width) * wide;
      const [r, g, b] = scene.water
        ? waterside(scene, columns, x, y, wide, shore, pixel)
        : land(scene, columns[column], x, y, wide, pixel, 0);
      // Vignette, and a grain against banding.
      const edge = 1 - 0.22 * ((x / wide - 0.5) ** 2 + (y - 0.5) ** 2) * 2;
      const grain = (at(scene.seed, column, row) - 0.5) * 0.018;
      picture.data[out++] = byte(r * edge + grain);
      picture.data[out++] = byte(g * edge + grain);
      picture.data[out++] = byte(b * edge + grain);
    }
    if (row % ROWS_PER_YIELD === 0) yield;
  }
  return picture;
}

/** @param {number} value */
function byte(value) {
  return Math.max(0, Math.min(255, Math.round(value * 255)));
}

/** Top edge of each layer of hills at a column, farthest first. @param {Scene} scene @param {number} x */
function ridges(scene, x, /** @type {number} */ wide) {
  return Array.from({ length: LAYERS }, (_, layer) => {
    const near = layer / (LAYERS - 1);
    const base = scene.horizon - 0.06 + near ** 1.5 * 0.42;
    const size = 2.6 - near * 1.1;
    const hills = outline(scene.seed + layer * 31, x * size + layer * 7.3, scene.sharp * (1 - near * 0.5));
    let top = base - (hills - 0.42) * (0.34 - near * 0.1);
    if (layer === LAYERS - 1) top += 0.1;
    if (scene.city && layer === 2) top = Math.min(top, base + 0.02 - skyline(scene, x));
    if (scene.trees && layer >= 2) top -= treeline(scene, x, layer);
    // A headland at one side, for the tower to stand on.
    if (scene.tower && layer === LAYERS - 2) top -= 0.2 * step(0.34, 0, Math.abs(x / wide - towerPosition(scene)));
    return top;
  });
}

/** @param {Scene} scene @param {number} x */
function skyline(scene, x) {
  const block = Math.floor(x * 26);
  return at(scene.seed + 5, block) ** 2 * 0.26 * step(0.05, 0.4, plane(scene.seed + 6, x * 2, 0));
}

/** @param {Scene} scene @param {number} x @param {number} layer */
function treeline(scene, x, layer) {
  const size = 34 - layer * 5;
  const place = x * size;
  const index = Math.floor(place);
  const high = (0.35 + at(scene.seed + layer, index)) * (0.018 + layer * 0.012);
  return high * Math.max(0, 1 - Math.abs(place - index - 0.5) * 2.4);
}

/** @param {Scene} scene */
function towerPosition(scene) {
  return scene.sun[0] < 0.5 ? 0.72 : 0.27;
}

/** Colour of the sky with sun, clouds and stars. @param {Scene} scene @returns {Colour} */
function sky(scene, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ wide) {
  const { palette, seed } = scene;
  const height = y / scene.horizon;
  let colour =
    height < 0.6 ? mix(palette.zenith, palette.middle, height / 0.6) : mix(palette.middle, palette.horizon, step(0.6, 1.1, height));
  const distance = Math.hypot(x - scene.sun[0] * wide, y - scene.sun[1]);
  if (scene.stars) colour = starlight(scene, x, y, colour);
  colour = mix(colour, palette.light, 0.55 * Math.exp(-distance * 5.5));
  if (scene.palette.middle[2] > 0.35 && scene.stars) {
    const cloud = step(0.45, 0.8, clouds(seed + 77, x * 2.2 + clouds(seed + 78, x * 3, y * 3, 2), y * 2.6));
    colour = mix(colour, palette.horizon, cloud * 0.5);
  }
  const disc = step(scene.sunSize, scene.sunSize * 0.9, distance);
  colour = mix(colour, palette.light, disc);
  const veil = clouds(seed + 90, x * 1.7, y * 5.5 + 3);
  const cover = step(1 - scene.cloudiness * 0.75, 1.05, veil + 0.18) * step(0, 0.25, y);
  return mix(colour, mix(palette.horizon, palette.light, 0.5), cover * 0.75);
}

/** @param {Scene} scene @param {number} x @param {number} y @param {Colour} colour @returns {Colour} */
function starlight(scene, x, y, colour) {
  const size = 58;
  const [column, row] = [Math.floor(x * size), Math.floor(y * size)];
  const bright = at(scene.seed + 11, column, row);
  if (bright < 0.86) return colour;
  const [dx, dy] = [at(scene.seed + 12, column, row), at(scene.seed + 13, column, row)];
  const distance = Math.hypot(x * size - column - dx, y * size - row - dy);
  const glow = Math.exp(-((distance / (0.07 + (bright - 0.86) * 1.2)) ** 2));
  return mix(colour, [1, 1, 0.96], glow * step(scene.horizon, scene.horizon * 0.4, y));
}

/**
 * Colour of a point: the nearest layer that covers it, or the sky.
 * @param {Scene} scene @param {number[]} tops @param {number} x @param {number} y @param {number} wide
 * @param {number} pixel @param {number} without number of nearest layers to leave out
 * @returns {Colour}
 */
function land(scene, tops, x, y, wide, pixel, without) {
  let behind = sky(scene, x, y, wide);
  if (y < scene.horizon - 0.42) return behind;
  for (let layer = 0; layer < LAYERS - without; layer += 1) {
    if (scene.tower && layer === LAYERS - 2) behind = lighthouse(scene, x, y, wide, pixel, behind);
    const covered = step(-pixel, pixel, y - tops[layer]);
    if (covered > 0) behind = mix(behind, hill(scene, layer, tops[layer], x, y, wide), covered);
  }
  return behind;
}

/** @param {Scene} scene @param {number} layer @param {number} top @returns {Colour} */
function hill(scene, layer, top, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ wide) {
  const { palette, seed } = scene;
  const near = layer / (LAYERS - 1);
  const depth = y - top;
  let colour = mix(palette.far, palette.near, near ** 0.8);
  const texture = plane(seed + 200 + layer, x * (30 + layer * 20), y * (40 + layer * 26)) - 0.5;
  colour = mix(colour, palette.near, Math.max(0, texture) * 0.35);
  // Light along the crest, stronger near the sun; haze at the foot of far layers.
  const lit = Math.exp(-depth * 26) * (0.5 * Math.exp(-Math.abs(x - scene.sun[0] * wide) * 1.4) + 0.12);
  colour = mix(colour, palette.light, lit * (1 - near * 0.45));
  if (scene.palette.far[0] > 0.65 && scene.palette.far[2] > 0.8)
    colour = mix(colour, [1, 1, 1], snow(scene, layer, depth, x));
  if (scene.city && layer === 2) colour = windows(scene, x, y, depth, colour);
  return mix(colour, palette.horizon, step(0, 0.3, depth) * (1 - near) * 0.6);
}

/** @param {Scene} scene @param {number} layer @param {number} depth @param {number} x */
function snow(scene, layer, depth, x) {
  return 0.85 * step(0.1, 0.02, depth + 0.05 * plane(scene.seed + 300 + layer, x * 30, depth * 30));
}

/** @param {Scene} scene @param {number} x @param {number} y @param {number} depth @param {Colour} colour */
function windows(scene, x, y, depth, colour) {
  const [column, row] = [x * 104, y * 78];
  const pane = (column % 1) * (1 - (column % 1)) > 0.16 && (row % 1) * (1 - (row % 1)) > 0.14;
  const on = pane && depth > 0.008 && at(scene.seed + 21, Math.floor(column), Math.floor(row)) > 0.62;
  return on ? mix(colour, [1, 0.86, 0.5], 0.85) : colour;
}

/**
 * @param {Scene} scene @param {number} x @param {number} y @param {number} wide @param {number} pixel
 * @param {Colour} behind @returns {Colour}
 */
function lighthouse(scene, x, y, wide, pixel, behind) {
  const foot = ridges(scene, towerPosition(scene) * wide, wide)[LAYERS - 2] + 0.01;
  const [high, lamp] = [0.3, foot - 0.3];
  const across = x - towerPosition(scene) * wide;
  const towards = scene.sun[0] < 0.5 ? -1 : 1;
  let colour = behind;
  // The beam widens and fades with distance.
  const along = -across * towards * -1;
  const beam =
    step(0.07, 0, Math.abs(y - lamp - along * 0.06) / (0.25 + along)) * step(0, 0.03, along) * Math.exp(-along * 1.6);
  colour = mix(colour, [1, 0.95, 0.75], beam * 0.55);
  colour = mix(colour, [1, 0.93, 0.7], 0.8 * Math.exp(-((Math.hypot(across, y - lamp) / 0.045) ** 2)));
  if (y > foot + 0.03 || y < lamp - 0.05) return colour;
  const down = (y - lamp) / high;
  const half = down < 0 ? (down > -0.075 ? 0.017 : 0.02 * (1 + (down + 0.075) * 11)) : 0.019 + down * 0.016;
  const inside = step(pixel, -pixel, Math.abs(across) - Math.max(0, half));
  const round = 0.72 + 0.28 * step(-half, half, across * (scene.sun[0] * wide > x ? 1 : -1));
  const stripe =
    down < 0
      ? mix(scene.palette.near, [0.6, 0.12, 0.12], down > -0.075 ? 0 : 0.8)
      : Math.floor(down * 5) % 2 === 0
        ? /** @type {Colour} */ ([0.93, 0.9, 0.86])
        : /** @type {Colour} */ ([0.76, 0.2, 0.2]);
  const lit = down < 0 && down > -0.075 ? /** @type {Colour} */ ([1, 0.93, 0.65]) : mix([0, 0, 0], stripe, round);
  return mix(colour, mix(lit, scene.palette.near, 0.18), inside);
}

/**
 * Colour of a point in a scene with water: land and its reflection.
 * @param {Scene} scene @param {number[][]} columns @param {number} x @param {number} y
 * @param {number} wide @param {number} shore @param {number} pixel
 * @returns {Colour}
 */
function waterside(scene, columns, x, y, wide, shore, pixel) {
  const column = (/** @type {number} */ place) =>
    columns[Math.max(0, Math.min(columns.length - 1, Math.floor((place / wide) * columns.length)))];
  const own = column(x);
  const nearest = own[LAYERS - 1] + 0.06;
  const onLand = step(-pixel, pixel, y - nearest);
  /** @type {Colour} */
  let colour;
  if (y <= shore) colour = land(scene, own, x, y, wide, pixel, 1);
  else {
    const depth = y - shore;
    const wave = plane(scene.seed + 60, x * 9, 26 * Math.sqrt(depth + 0.01) * 6) - 0.5;
    const small = plane(scene.seed + 61, x * 40, depth * 240) - 0.5;
    const from = x + (wave * 0.05 + small * 0.02) * (0.3 + depth * 3);
    const mirrored = Math.max(0, shore - depth * 1.25 + small * 0.03 * (1 + depth * 5));
    colour = land(scene, column(from), from, mirrored, wide, pixel, 1);
    colour = mix(colour, mix(scene.palette.zenith, scene.palette.near, 0.35), 0.22 + depth * 0.5);
    const glitter = step(0.2, 0.5, wave + small * 0.6) * Math.exp(-Math.abs(x - scene.sun[0] * wide) * (7 - depth * 8));
    colour = mix(colour, scene.palette.light, glitter * 0.6);
    colour = mix(colour, scene.palette.light, 0.35 * Math.exp(-depth * 90));
  }
  return onLand > 0 ? mix(colour, hill(scene, LAYERS - 1, nearest, x, y, wide), onLand) : colour;
}

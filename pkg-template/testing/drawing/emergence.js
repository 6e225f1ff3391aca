// @ts-check
// How a picture comes out of noise: first patches of colour, then shapes, then detail.
import { emptyPicture, scale } from "../picture.js";
import { hashOf, randomStream } from "./noise.js";

/** @typedef {import("../png.js").Picture} Picture */

/** How coarse the picture still is, from the end of the work to its beginning. */
const COARSENESS = [1, 2, 5, 14];

/**
 * @param {Picture} picture the end
 * @param {{seed: number | bigint, start: Picture | null, denoise: number}} from the noise, or the picture that is
 *   drawn upon and how much of it is replaced, 0 to 1
 * @returns {(done: number) => Picture} the picture at a share of the work, 0 to 1
 */
export function emerging(picture, { seed, start, denoise }) {
  const drawn = start ? denoise : 1;
  const end = start && drawn < 1 ? between(start, picture, drawn) : picture;
  /** @type {Picture[] | undefined} */
  let stages;
  /** @type {Picture | undefined} */
  let noise;
  return (done) => {
    if (done >= 1 || drawn === 0) return end;
    stages ??= COARSENESS.map((coarseness) => coarse(end, coarseness));
    noise ??= colouredNoise(picture.width, picture.height, hashOf(`noise ${seed}`));
    const place = (1 - done) * (stages.length - 1);
    const stage = Math.min(Math.floor(place), stages.length - 2);
    return between(between(stages[stage], stages[stage + 1], place - stage), noise, (1 - done) ** 1.3 * drawn * 0.95);
  };
}

/** @param {Picture} a @param {Picture} b @param {number} share of b @returns {Picture} */
function between(a, b, share) {
  return { ...a, data: a.data.map((value, index) => value + (b.data[index] - value) * share) };
}

/** @param {Picture} picture @param {number} coarseness @returns {Picture} */
function coarse(picture, coarseness) {
  if (coarseness === 1) return picture;
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side / coarseness)));
  return scale(scale(picture, width, height), picture.width, picture.height);
}

/** @param {number} width @param {number} height @param {number} seed @returns {Picture} */
function colouredNoise(width, height, seed) {
  const random = randomStream(seed);
  const small = emptyPicture(Math.ceil(width / 3), Math.ceil(height / 3), 3);
  for (let index = 0; index < small.data.length; index += 1) {
    // The sum of a few is bell-shaped, as the noise of a real sampler is.
    small.data[index] = Math.max(0, Math.min(255, 128 + (random() + random() + random() - 1.5) * 150));
  }
  return scale(small, width, height, "nearest");
}

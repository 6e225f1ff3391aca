// @ts-check
// Intermediate pictures of a sampler: noise gives way to coarse colours, shapes and detail.
import { emptyPicture, scale } from "../images/image-operations.js";
import { hashOf, randomStream } from "./noise.js";

/** @typedef {import("../images/png.js").Picture} Picture */

/** Downscaling factors of the stages, from the last to the first. */
const COARSENESS = [1, 2, 5, 14];

/**
 * @param {Picture} picture the final picture
 * @param {{seed: number | bigint, start: Picture | null, denoise: number}} from seed of the noise; the picture
 *   of image-to-image and the share of it that is replaced
 * @returns {(done: number) => Picture} the picture at a progress of 0 to 1
 */
export function denoiser(picture, { seed, start, denoise }) {
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

/** @param {Picture} a @param {Picture} b @param {number} share weight of b @returns {Picture} */
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
    // The sum of three uniform numbers approximates Gaussian noise.
    small.data[index] = Math.max(0, Math.min(255, 128 + (random() + random() + random() - 1.5) * 150));
  }
  return scale(small, width, height, "nearest");
}

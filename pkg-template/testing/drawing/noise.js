// @ts-check
// Deterministic random numbers and value noise.

/** @param {string} text */
export function hashOf(text) {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  return scramble(hash);
}

/** @param {number} value */
function scramble(value) {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A generator of random numbers in 0..1. @param {number} seed */
export function randomStream(seed) {
  let count = seed >>> 0;
  return () => scramble((count = (count + 0x9e3779b9) >>> 0)) / 4294967296;
}

/** The random number in 0..1 of a lattice point. @param {number} seed @param {number} x @param {number} [y] */
export function at(seed, x, y = 0) {
  return scramble(seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1)) / 4294967296;
}

/** @param {number} value */
function ease(value) {
  return value * value * (3 - 2 * value);
}

/** One-dimensional value noise in 0..1. @param {number} seed @param {number} x */
export function line(seed, x) {
  const left = Math.floor(x);
  const share = ease(x - left);
  return at(seed, left) * (1 - share) + at(seed, left + 1) * share;
}

/** Two-dimensional value noise in 0..1. @param {number} seed @param {number} x @param {number} y */
export function plane(seed, x, y) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [across, down] = [ease(x - left), ease(y - top)];
  const upper = at(seed, left, top) * (1 - across) + at(seed, left + 1, top) * across;
  const lower = at(seed, left, top + 1) * (1 - across) + at(seed, left + 1, top + 1) * across;
  return upper * (1 - down) + lower * down;
}

/** Fractal noise in 0..1. @param {number} seed @param {number} x @param {number} y */
export function clouds(seed, x, y, octaves = 4) {
  let [sum, weight, total] = [0, 0.5, 0];
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += weight * plane(seed + octave, x, y);
    total += weight;
    weight /= 2;
    x *= 2.03;
    y *= 2.03;
  }
  return sum / total;
}

/**
 * Height of a hill outline: one-dimensional fractal noise; `sharp` folds it into peaks.
 * @param {number} seed @param {number} x @param {number} sharp 0 to 1
 */
export function outline(seed, x, sharp) {
  let [sum, weight] = [0, 0.5];
  for (let octave = 0; octave < 6; octave += 1) {
    const value = line(seed + octave, x);
    sum += weight * (value * (1 - sharp) + (1 - Math.abs(2 * value - 1)) * sharp);
    weight /= 2;
    x *= 2.07;
  }
  return sum;
}

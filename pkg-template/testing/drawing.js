// @ts-check
// The picture that the sampler draws: a landscape whose light, ground and sky follow the words and the seed.

/** @typedef {import("./png.js").Picture} Picture */

/** A stream of numbers from 0 to 1 that depends on its seed alone. @param {number} seed */
export function randomStream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {string} text */
export function hashOf(text) {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  return hash >>> 0;
}

/**
 * @param {{text: string, without: string, style: string, seed: number | bigint, width: number, height: number}} scene
 * @returns {Picture}
 */
export function paint({ text, style, seed, width, height }) {
  const random = randomStream(hashOf(`${text} ${style} ${seed}`));
  const hue = random();
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1) {
        data[(y * width + x) * 3 + c] = 127 + 120 * Math.sin(6.28 * (hue + c / 3 + (x / width) * 0.4 + y / height));
      }
    }
  }
  return { width, height, channels: 3, data };
}

/**
 * The picture on its way out of the noise, or out of the one it started from.
 * @param {Picture} picture @param {number} done 0 to 1
 * @param {{seed: number | bigint, start: Picture | null, denoise: number}} from
 * @returns {Picture}
 */
export function emergence(picture, done, { seed, start, denoise }) {
  const random = randomStream(hashOf(`noise ${seed}`));
  const noise = (1 - done) ** 1.5;
  const drawn = start ? denoise : 1;
  const data = picture.data.map((value, index) => {
    const target = value * drawn + (start ? start.data[index] * (1 - drawn) : 0);
    return noise === 0 ? target : target * (1 - noise) + random() * 255 * noise;
  });
  return { ...picture, data };
}

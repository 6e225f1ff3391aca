// @ts-check
// Chooses the scene of a landscape (palette, sky, ground) from the words of a prompt and the seed.
import { hashOf, randomStream } from "./noise.js";

/** @typedef {[red: number, green: number, blue: number]} Colour each 0 to 1 */

/**
 * @typedef {object} Palette
 * @property {Colour} zenith sky overhead
 * @property {Colour} middle
 * @property {Colour} horizon
 * @property {Colour} light sun or moon
 * @property {Colour} far farthest hills
 * @property {Colour} near colour nearest hills
 */

/** @param {string} hex @returns {Colour} */
function colour(hex) {
  const value = parseInt(hex, 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** @param {string} colours zenith, middle, horizon, light, far, near @returns {Palette} */
function palette(colours) {
  const [zenith, middle, horizon, light, far, near] = colours.split(" ").map(colour);
  return { zenith, middle, horizon, light, far, near };
}

const PALETTES = {
  azure: palette("2667b8 6fb1e3 fbe6c3 fff6da 8fb4cf 1d4a4f"),
  coral: palette("3a5a9c e98f8a ffd9a0 fff1c9 c98a98 3a2a4d"),
  mint: palette("1f8a8c 86d3b8 fdf3c0 fffbe0 86bfae 16464a"),
  lilac: palette("4b3f8f a98bd0 ffd6d0 fff0e0 9d8fc4 2c2450"),
  dusk: palette("1f2a5c b0527e ffb060 ffe3a8 8a5a86 1b1838"),
  night: palette("050a24 14305f 3c6f94 e8f2ff 2a4a72 050d1e"),
  galaxy: palette("0b0524 3b1466 b0489c f6e4ff 4b2f78 0c0720"),
  fire: palette("1c0508 7a1410 ff8a2a ffd070 6a1c18 140406"),
  winter: palette("5b8fc0 b5d5ea fdeee6 ffffff b4cade 3d5f80"),
  desert: palette("3f8fb8 b9d6c8 ffe2ac fff4cf d9a56c 7a3b22"),
  forest: palette("3f87a6 a9d1b8 fbf2c4 fffbe0 7fae8c 12351f"),
  mist: palette("7f95a6 b5c2c8 e9e6dc ffffff a5b2b8 39474f"),
};

const BY_DAY = /** @type {const} */ (["azure", "coral", "mint", "lilac", "dusk"]);

/** Palette by words of the prompt; the first match counts. @type {[RegExp, keyof typeof PALETTES][]} */
const WORDS = [
  [/galax|nebula|space|cosm|purple|magic|alien|planet/, "galaxy"],
  [/night|moon|midnight|\bstars?\b|dark/, "night"],
  [/fire|lava|volcan|hell|ember|inferno|red\b/, "fire"],
  [/dusk|sunset|sunrise|dawn|evening|golden|warm|twilight/, "dusk"],
  [/snow|winter|\bice|arctic|frozen|glacier/, "winter"],
  [/desert|sand|dune|mars|canyon|savann/, "desert"],
  [/fog|mist|rain|cloudy|storm|grey|gray/, "mist"],
  [/forest|jungle|wood|tree|green|meadow|garden|spring/, "forest"],
];

/**
 * @typedef {object} Scene
 * @property {number} seed
 * @property {Palette} palette
 * @property {boolean} stars
 * @property {boolean} water
 * @property {boolean} trees
 * @property {boolean} city
 * @property {boolean} tower a lighthouse
 * @property {number} sharp how jagged the hills are, 0 to 1
 * @property {number} horizon vertical position, 0 (top) to 1
 * @property {[number, number]} sun place sun or moon
 * @property {number} sunSize
 * @property {number} cloudiness 0 to 1
 */

/**
 * @param {{text: string, without: string, style: string, seed: number | bigint}} subject
 * @returns {Scene}
 */
export function sceneOf({ text, without, style, seed }) {
  const words = text.toLowerCase();
  const unwanted = without
    .toLowerCase()
    .split(/[\s,.]+/)
    .filter((word) => word.length > 2);
  const number = hashOf(`${seed} ${style} ${words.replace(/\s+/g, " ").trim()}`);
  const random = randomStream(number);
  const asks = (/** @type {RegExp} */ pattern) => {
    const found = pattern.exec(words)?.[0];
    return found !== undefined && !unwanted.some((word) => word.startsWith(found));
  };
  const chosen = WORDS.find(([pattern]) => asks(pattern))?.[1] ?? BY_DAY[Math.floor(random() * BY_DAY.length)];
  const dark = chosen === "night" || chosen === "galaxy";
  const low = chosen === "dusk" || chosen === "fire";
  return {
    seed: number,
    palette: PALETTES[chosen],
    stars: dark || asks(/stars/),
    water: asks(/sea|ocean|lake|water|beach|river|island|coast|harbou?r|bottle|boat|ship/) || random() < 0.3,
    trees: asks(/forest|jungle|wood|tree|pine/) || (chosen === "forest" && random() < 0.7),
    city: asks(/city|town|street|skyline|village|castle|building|cyberpunk/),
    tower: asks(/lighthouse|tower/),
    sharp: asks(/mountain|alps|cliff|peak|rock|volcan|canyon/) ? 0.85 : chosen === "desert" ? 0.1 : random() * 0.7,
    horizon: 0.52 + random() * 0.12,
    sun: [0.2 + random() * 0.6, low ? 0.44 + random() * 0.08 : 0.16 + random() * 0.2],
    sunSize: dark ? 0.045 + random() * 0.02 : 0.05 + random() * 0.035,
    cloudiness: asks(/clear|calm/) ? 0.25 : chosen === "mist" ? 0.9 : 0.35 + random() * 0.4,
  };
}

// @ts-check
// Puts still WebP pictures together to an animated one: https://developers.google.com/speed/webp/docs/riff_container
import { Buffer } from "node:buffer";

const ANIMATED = 0x02;
/** What is below a frame is replaced, not mixed with it. */
const REPLACE = 0x02;
const RIFF_HEADER = 12;

/**
 * @typedef {object} Frame a part of the picture that changes
 * @property {Buffer} webp a still picture without transparency
 * @property {number} x even
 * @property {number} y even
 * @property {number} width
 * @property {number} height
 * @property {number} ms how long it stays
 */

/** @param {number} width @param {number} height @param {Frame[]} frames @returns {Buffer} that plays for ever */
export function animatedWebp(width, height, frames) {
  const features = Buffer.concat([Buffer.from([ANIMATED, 0, 0, 0]), u24(width - 1), u24(height - 1)]);
  const animation = Buffer.from([0, 0, 0, 0, 0, 0]);
  const chunks = frames.map(({ webp, x, y, width, height, ms }) =>
    chunk("ANMF", u24(x / 2), u24(y / 2), u24(width - 1), u24(height - 1), u24(ms), Buffer.from([REPLACE]), pixels(webp)),
  );
  const body = Buffer.concat([Buffer.from("WEBP"), chunk("VP8X", features), chunk("ANIM", animation), ...chunks]);
  return Buffer.concat([Buffer.from("RIFF"), u32(body.length), body]);
}

/** The chunk with the picture, without colour profiles and the like: a frame may hold nothing else. @param {Buffer} webp */
function pixels(webp) {
  for (let at = RIFF_HEADER; at < webp.length; ) {
    const length = webp.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (["VP8 ", "VP8L"].includes(webp.toString("latin1", at, at + 4))) return webp.subarray(at, end);
    at = end;
  }
  throw new Error("There is no picture in this WebP file.");
}

/** @param {string} name @param {Buffer[]} parts */
function chunk(name, ...parts) {
  const data = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(name), u32(data.length), data, Buffer.alloc(data.length % 2)]);
}

/** @param {number} value */
function u24(value) {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntLE(Math.round(value), 0, 3);
  return bytes;
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

// @ts-check
// Encodes PNGs as ComfyUI's savers do (prompt and workflow in text chunks) and decodes those that LoadImage reads.
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";

/**
 * Rows of 8-bit samples.
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {number} channels 1 grey, 3 RGB, 4 RGBA
 * @property {Uint8Array} data
 */

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOR_TYPES = /** @type {Record<number, number>} */ ({ 1: 0, 3: 2, 4: 6 });
const CHANNELS = /** @type {Record<number, number>} */ ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 });

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {string} type @param {Uint8Array} body */
function chunk(type, body) {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8);
  return bytes;
}

/** As Pillow does: tEXt if Latin-1 can hold the text, else iTXt. @param {string} key @param {string} text */
function textChunk(key, text) {
  if (/^[\u0000-\u00ff]*$/.test(text)) return chunk("tEXt", Buffer.from(`${key}\0${text}`, "latin1"));
  return chunk("iTXt", Buffer.concat([Buffer.from(`${key}\0\0\0\0\0`, "latin1"), Buffer.from(text)]));
}

/**
 * @param {Picture} picture
 * @param {{text?: Record<string, string>, level?: number}} [options] `text`: text chunks by key; `level`: zlib level
 * @returns {Buffer}
 */
export function encodePng(picture, { text = {}, level = 4 } = {}) {
  const { width, height, channels, data } = picture;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = COLOR_TYPES[channels];
  const stride = width * channels;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const out = y * (stride + 1);
    // Filter "Up" compresses smooth pictures well. The first row has no row above and uses "None".
    rows[out] = y === 0 ? 0 : 2;
    for (let x = 0; x < stride; x += 1) {
      const here = y * stride + x;
      rows[out + 1 + x] = y === 0 ? data[here] : data[here] - data[here - stride];
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    ...Object.entries(text).map(([key, value]) => textChunk(key, value)),
    chunk("IDAT", deflateSync(rows, { level })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {Uint8Array} bytes */
export function isPng(bytes) {
  return SIGNATURE.equals(bytes.subarray(0, 8));
}

/** @param {Uint8Array} input @returns {Generator<[string, Buffer]>} */
function* chunks(input) {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    yield [bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length)];
    at += length + 12;
  }
}

/** The text chunks of a PNG, such as `prompt` and `workflow`. @param {Uint8Array} bytes */
export function pngText(bytes) {
  /** @type {Record<string, string>} */
  const text = {};
  for (const [type, body] of chunks(bytes)) {
    const end = body.indexOf(0);
    if (type === "tEXt") text[body.toString("latin1", 0, end)] = body.toString("latin1", end + 1);
    if (type === "iTXt" && body[end + 1] === 0) {
      const translated = body.indexOf(0, body.indexOf(0, end + 3) + 1);
      text[body.toString("latin1", 0, end)] = body.toString("utf8", translated + 1);
    }
  }
  return text;
}

/**
 * Decodes an 8-bit PNG without interlacing. Grey and palette images become RGB.
 * @param {Uint8Array} bytes
 * @returns {Picture}
 */
export function decodePng(bytes) {
  if (!isPng(bytes)) throw new Error("cannot identify image file");
  let [width, height, colorType] = [0, 0, 0];
  const parts = [];
  /** @type {Uint8Array[]} */
  let [palette, transparency] = [new Uint8Array(), new Uint8Array()];
  for (const [type, body] of chunks(bytes)) {
    if (type === "IHDR") {
      [width, height, colorType] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9]];
      if (body[8] !== 8 || body[12] !== 0) throw new Error("the simulator reads 8-bit PNGs that are not interlaced");
    } else if (type === "IDAT") parts.push(body);
    else if (type === "PLTE") palette = body;
    else if (type === "tRNS") transparency = body;
  }
  const channels = CHANNELS[colorType];
  if (!channels) throw new Error("cannot identify image file");
  const samples = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  if (colorType === 2 || colorType === 6) return { width, height, channels, data: samples };
  const withAlpha = colorType === 4 || transparency.length > 0;
  const out = withAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * out);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const sample = samples[pixel * channels];
    for (let c = 0; c < 3; c += 1) data[pixel * out + c] = colorType === 3 ? palette[sample * 3 + c] : sample;
    if (withAlpha) data[pixel * out + 3] = colorType === 4 ? samples[pixel * 2 + 1] : (transparency[sample] ?? 255);
  }
  return { width, height, channels: out, data };
}

/** @param {Buffer} rows @param {number} stride @param {number} height @param {number} step */
function unfilter(rows, stride, height, step) {
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const here = y * stride + x;
      const left = x >= step ? data[here - step] : 0;
      const up = y > 0 ? data[here - stride] : 0;
      const corner = x >= step && y > 0 ? data[here - stride - step] : 0;
      data[here] = rows[y * (stride + 1) + 1 + x] + predict(filter, left, up, corner);
    }
  }
  return data;
}

/** @param {number} filter @param {number} left @param {number} up @param {number} corner */
function predict(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

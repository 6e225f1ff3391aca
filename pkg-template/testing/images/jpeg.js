// @ts-check
// A baseline JPEG encoder (ITU T.81), for previews: ComfyUI sends them as JPEG.
import { Buffer } from "node:buffer";

/** Zigzag order: index in the block of each coefficient of the stream, from low to high frequency. */
const ZIGZAG = Array.from({ length: 64 }, (_, index) => index).sort((a, b) => {
  const [sumA, sumB] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
  if (sumA !== sumB) return sumA - sumB;
  return sumA % 2 === 0 ? (b >> 3) - (a >> 3) : (a >> 3) - (b >> 3);
});

/** Quantisation table: coarser with rising frequency. @param {number} strength */
function quantisation(strength) {
  return Array.from({ length: 64 }, (_, index) => {
    const frequency = (index >> 3) + (index & 7);
    return Math.max(1, Math.min(255, Math.round(strength * (1 + frequency * 0.9))));
  });
}

/** Number of Huffman codes of each length, from 1 to 16 bits. */
const DC_LENGTHS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const AC_LENGTHS = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const DC_SYMBOLS = Array.from({ length: 12 }, (_, size) => size);
/** Symbols (run of zeros << 4 | bits of the value), most frequent first. 0x00 ends a block, 0xf0 is a run of 16. */
const AC_SYMBOLS = [0x00, 0xf0]
  .concat(Array.from({ length: 160 }, (_, index) => (Math.floor(index / 10) << 4) | ((index % 10) + 1)))
  .sort((a, b) => cost(a) - cost(b));

/** @param {number} symbol */
function cost(symbol) {
  if (symbol === 0x00) return 2.5;
  if (symbol === 0xf0) return 18;
  return (symbol >> 4) * 1.4 + (symbol & 15) * 2;
}

/** @param {number[]} lengths @param {number[]} symbols */
function huffman(lengths, symbols) {
  /** @type {Map<number, [code: number, bits: number]>} */
  const codes = new Map();
  let code = 0;
  let next = 0;
  lengths.forEach((count, index) => {
    for (let taken = 0; taken < count; taken += 1) codes.set(symbols[next++], [code++, index + 1]);
    code <<= 1;
  });
  return codes;
}

const DC_CODES = huffman(DC_LENGTHS, DC_SYMBOLS);
const AC_CODES = huffman(AC_LENGTHS, AC_SYMBOLS);

const COSINES = Float32Array.from({ length: 64 }, (_, index) => {
  const [frequency, at] = [index >> 3, index & 7];
  return 0.5 * (frequency === 0 ? Math.SQRT1_2 : 1) * Math.cos(((2 * at + 1) * frequency * Math.PI) / 16);
});

/**
 * Two-dimensional DCT of a block, in place.
 * @param {Float32Array} block @param {Float32Array} temporary
 */
function transform(block, temporary) {
  for (let row = 0; row < 8; row += 1) {
    for (let frequency = 0; frequency < 8; frequency += 1) {
      let sum = 0;
      for (let at = 0; at < 8; at += 1) sum += block[row * 8 + at] * COSINES[frequency * 8 + at];
      temporary[row * 8 + frequency] = sum;
    }
  }
  for (let column = 0; column < 8; column += 1) {
    for (let frequency = 0; frequency < 8; frequency += 1) {
      let sum = 0;
      for (let at = 0; at < 8; at += 1) sum += temporary[at * 8 + column] * COSINES[frequency * 8 + at];
      block[frequency * 8 + column] = sum;
    }
  }
}

class BitWriter {
  constructor() {
    /** @type {number[]} */
    this.bytes = [];
    this.pending = 0;
    this.count = 0;
  }

  /** @param {number} value @param {number} bits at most 16 */
  write(value, bits) {
    this.pending = (this.pending << bits) | (value & ((1 << bits) - 1));
    this.count += bits;
    for (; this.count >= 8; this.count -= 8) {
      const byte = (this.pending >> (this.count - 8)) & 0xff;
      this.bytes.push(byte);
      // 0xff is followed by a stuffed zero byte, else it would start a marker.
      if (byte === 0xff) this.bytes.push(0);
    }
    this.pending &= 0xff;
  }

  finish() {
    if (this.count > 0) this.write(0x7f, 8 - this.count);
    return Buffer.from(this.bytes);
  }
}

/** @param {number} marker @param {number[] | Uint8Array} body */
function segment(marker, body) {
  return Buffer.concat([
    Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]),
    Buffer.from(body),
  ]);
}

/** RGB weights of one component: 0 is Y, 1 is Cb, 2 is Cr. @param {number} component */
function weights(component) {
  if (component === 0) return [0.299, 0.587, 0.114];
  return component === 1 ? [-0.168736, -0.331264, 0.5] : [0.5, -0.418688, -0.081312];
}

/**
 * @param {import("./png.js").Picture} picture alpha is ignored
 * @param {number} [coarseness] quantisation strength: 1 is fine, 8 is coarse
 * @returns {Buffer}
 */
export function encodeJpeg(picture, coarseness = 2.5) {
  const { width, height, channels, data } = picture;
  const tables = [quantisation(coarseness), quantisation(coarseness * 2)];
  const bits = new BitWriter();
  const before = [0, 0, 0];
  const block = new Float32Array(64);
  const temporary = new Float32Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let component = 0; component < 3; component += 1) {
        const [r, g, b] = weights(component);
        const shift = component === 0 ? 128 : 0;
        for (let index = 0; index < 64; index += 1) {
          const x = Math.min(width - 1, left + (index & 7));
          const y = Math.min(height - 1, top + (index >> 3));
          const at = (y * width + x) * channels;
          const [green, blue] = channels === 1 ? [data[at], data[at]] : [data[at + 1], data[at + 2]];
          block[index] = r * data[at] + g * green + b * blue - shift;
        }
        transform(block, temporary);
        before[component] = writeBlock(bits, block, tables[Math.min(component, 1)], before[component]);
      }
    }
  }
  const sizes = [height >> 8, height & 255, width >> 8, width & 255];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...tables.map((table, index) => segment(0xdb, [index, ...ZIGZAG.map((at) => table[at])])),
    segment(0xc0, [8, ...sizes, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]),
    segment(0xc4, [0x00, ...DC_LENGTHS, ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...AC_LENGTHS, ...AC_SYMBOLS]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    bits.finish(),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/**
 * @param {BitWriter} bits @param {Float32Array} block @param {number[]} table @param {number} before
 * @returns {number} the DC coefficient, which the next block's is coded against
 */
function writeBlock(bits, block, table, before) {
  const first = Math.round(block[0] / table[0]);
  writeValue(bits, DC_CODES, 0, first - before);
  let zeros = 0;
  for (let index = 1; index < 64; index += 1) {
    const value = Math.round(block[ZIGZAG[index]] / table[ZIGZAG[index]]);
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writeSymbol(bits, AC_CODES, 0xf0);
    writeValue(bits, AC_CODES, zeros, value);
    zeros = 0;
  }
  if (zeros > 0) writeSymbol(bits, AC_CODES, 0x00);
  return first;
}

/** @param {BitWriter} bits @param {Map<number, [number, number]>} codes @param {number} symbol */
function writeSymbol(bits, codes, symbol) {
  const [code, length] = /** @type {[number, number]} */ (codes.get(symbol));
  bits.write(code, length);
}

/** @param {BitWriter} bits @param {Map<number, [number, number]>} codes @param {number} zeros @param {number} value */
function writeValue(bits, codes, zeros, value) {
  const size = 32 - Math.clz32(Math.abs(value));
  writeSymbol(bits, codes, (zeros << 4) | size);
  bits.write(value < 0 ? value - 1 : value, size);
}

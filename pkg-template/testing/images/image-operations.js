// @ts-check
// Pure operations on pictures for the image nodes; inputs are never changed.

/** @typedef {import("./png.js").Picture} Picture */

/** @param {number} width @param {number} height @param {number} channels @returns {Picture} */
export function emptyPicture(width, height, channels) {
  return { width, height, channels, data: new Uint8Array(width * height * channels) };
}

/** @param {Picture} picture @returns {Picture} */
export function withoutAlpha(picture) {
  if (picture.channels === 3) return picture;
  const result = emptyPicture(picture.width, picture.height, 3);
  for (let pixel = 0; pixel < picture.width * picture.height; pixel += 1) {
    for (let c = 0; c < 3; c += 1) {
      result.data[pixel * 3 + c] = picture.data[pixel * picture.channels + (picture.channels === 1 ? 0 : c)];
    }
  }
  return result;
}

/** The alpha channel; 255 everywhere if the picture has none. @param {Picture} picture @returns {Picture} */
export function alphaOf(picture) {
  const result = emptyPicture(picture.width, picture.height, 1);
  for (let pixel = 0; pixel < result.data.length; pixel += 1) {
    result.data[pixel] = picture.channels === 4 ? picture.data[pixel * 4 + 3] : 255;
  }
  return result;
}

/** The colours of one picture with the alpha of another. @param {Picture} colours @param {Picture} source @returns {Picture} */
export function withAlpha(colours, source) {
  const rgb = withoutAlpha(colours);
  const alpha = scale(alphaOf(source), colours.width, colours.height);
  const result = emptyPicture(colours.width, colours.height, 4);
  for (let pixel = 0; pixel < alpha.data.length; pixel += 1) {
    for (let c = 0; c < 3; c += 1) result.data[pixel * 4 + c] = rgb.data[pixel * 3 + c];
    result.data[pixel * 4 + 3] = alpha.data[pixel];
  }
  return result;
}

/** @param {Picture} picture @returns {Picture} */
export function invert(picture) {
  return { ...picture, data: picture.data.map((value) => 255 - value) };
}

/** @param {Picture} picture @param {"x" | "y"} axis axis of the mirror @returns {Picture} */
export function flip(picture, axis) {
  const { width, height, channels } = picture;
  return sample(picture, width, height, (x, y, c) => {
    const [fromX, fromY] = axis === "x" ? [x, height - 1 - y] : [width - 1 - x, y];
    return picture.data[(fromY * width + fromX) * channels + c];
  });
}

/** @param {Picture} picture @param {number} x @param {number} y @param {number} width @param {number} height */
export function crop(picture, x, y, width, height) {
  const left = Math.min(x, picture.width - 1);
  const top = Math.min(y, picture.height - 1);
  const w = Math.max(1, Math.min(width, picture.width - left));
  const h = Math.max(1, Math.min(height, picture.height - top));
  return sample(picture, w, h, (px, py, c) => {
    return picture.data[((py + top) * picture.width + px + left) * picture.channels + c];
  });
}

/** @param {Picture} a @param {Picture} b @param {(a: number, b: number) => number} mix both 0 to 1 */
export function combine(a, b, mix) {
  const other = scale(withoutAlpha(b), a.width, a.height);
  const base = withoutAlpha(a);
  return { ...base, data: base.data.map((value, index) => 255 * mix(value / 255, other.data[index] / 255)) };
}

/**
 * @param {Picture} picture @param {number} width @param {number} height
 * @param {"nearest" | "smooth"} [how]
 * @returns {Picture}
 */
export function scale(picture, width, height, how = "smooth") {
  if (picture.width === width && picture.height === height) return picture;
  const { channels, data } = picture;
  const at = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ c) => {
    const column = Math.max(0, Math.min(picture.width - 1, x));
    const row = Math.max(0, Math.min(picture.height - 1, y));
    return data[(row * picture.width + column) * channels + c];
  };
  return sample(picture, width, height, (x, y, c) => {
    const fromX = ((x + 0.5) * picture.width) / width - 0.5;
    const fromY = ((y + 0.5) * picture.height) / height - 0.5;
    if (how === "nearest") return at(Math.round(fromX), Math.round(fromY), c);
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const [dx, dy] = [fromX - left, fromY - top];
    const upper = at(left, top, c) * (1 - dx) + at(left + 1, top, c) * dx;
    const lower = at(left, top + 1, c) * (1 - dx) + at(left + 1, top + 1, c) * dx;
    return upper * (1 - dy) + lower * dy;
  });
}

/**
 * @param {Picture} picture @param {number} width @param {number} height
 * @param {(x: number, y: number, channel: number) => number} value
 * @returns {Picture}
 */
function sample({ channels }, width, height, value) {
  const result = emptyPicture(width, height, channels);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < channels; c += 1) result.data[at++] = value(x, y, c);
    }
  }
  return result;
}

// @ts-check
// Truncates and wraps text to a width. Results are cached, as the same texts are drawn in every frame.

const KEPT = 4000;
/** @type {Map<string, string>} */
const cut = new Map();
/** @type {Map<string, string[]>} */
const broken = new Map();

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} width */
export function fitted(context, text, width) {
  const key = `${context.font}|${Math.round(width)}|${text}`;
  return kept(cut, key, () => {
    if (context.measureText(text).width <= width) return text;
    let [low, high] = [0, Math.min(text.length, 200)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
      else high = middle - 1;
    }
    return low ? `${text.slice(0, low)}…` : "";
  });
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} width @param {number} most lines */
export function wrapped(context, text, width, most) {
  const key = `${context.font}|${Math.round(width)}|${most}|${text}`;
  return kept(broken, key, () => {
    const lines = [];
    for (const paragraph of text.slice(0, 5000).split("\n")) {
      let line = "";
      for (const word of paragraph.split(" ")) {
        const longer = line ? `${line} ${word}` : word;
        if (line && context.measureText(longer).width > width) {
          lines.push(line);
          line = word;
        } else line = longer;
      }
      lines.push(line);
      if (lines.length > most) break;
    }
    const shown = lines.slice(0, most).map((line) => fitted(context, line, width));
    if (lines.length > most && shown.length) shown[most - 1] = fitted(context, `${lines[most - 1]} …`, width);
    return shown;
  });
}

/** @template T @param {Map<string, T>} map @param {string} key @param {() => T} make @returns {T} */
function kept(map, key, make) {
  let value = map.get(key);
  if (value === undefined) {
    if (map.size > KEPT) map.clear();
    map.set(key, (value = make()));
  }
  return value;
}

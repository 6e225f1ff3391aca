// @ts-check
// Tables that fit into the terminal.
import { shown } from "./terminal.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => string | number | null} of
 * @property {"right"} [align]
 * @property {number} [least] width to which it may be cut
 * @property {boolean} [spare] left out where there is no room
 */

/** Between two columns. */
const GAP = "  ";

/**
 * @template Row
 * @param {Row[]} rows
 * @param {Column<Row>[]} columns
 * @param {number} width of the terminal; Infinity where there is none
 */
export function table(rows, columns, width) {
  const all = columns.map((column) => {
    const cells = [column.title, ...rows.map((row) => printable(column.of(row)))];
    const natural = Math.max(...cells.map(widthOf));
    return { ...column, cells, natural, size: natural };
  });
  const total = (/** @type {typeof all} */ list) => list.reduce((sum, { size }) => sum + size, GAP.length * (list.length - 1));
  let kept = all;
  const cut = () => {
    for (const column of kept) column.size = column.natural;
    while (total(kept) > width) {
      const last = kept.findLast(({ size, least = Infinity }) => size > least);
      if (!last) return false;
      last.size -= 1;
    }
    return true;
  };
  // From the right: the columns stand in the order of their weight.
  while (!cut() && kept.some(({ spare }) => spare)) {
    const last = kept.findLast(({ spare }) => spare);
    kept = kept.filter((column) => column !== last);
  }
  return Array.from({ length: rows.length + 1 }, (_, line) =>
    kept.map(({ cells, size, align }) => fitted(cells[line], size, align)).join(GAP).trimEnd(),
  ).join("\n");
}

/** @param {string} text @param {number} size @param {"right"} [align] */
function fitted(text, size, align) {
  let cut = text;
  if (widthOf(text) > size) {
    const letters = [...text];
    while (widthOf(letters.join("")) > size - 1) letters.pop();
    cut = `${letters.join("")}…`;
  }
  const pad = " ".repeat(Math.max(0, size - widthOf(cut)));
  return align ? pad + cut : cut + pad;
}

/** A value of a server, on one line. @param {unknown} value */
export function printable(value) {
  return value === null || value === undefined ? "" : shown(String(value)).replace(/[\n\t]/g, "?");
}

/** How many columns a text takes; letters of East Asia take two. @param {string} text */
function widthOf(text) {
  let width = 0;
  for (const letter of text) {
    if (/\p{M}/u.test(letter)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(letter) ? 2 : 1;
  }
  return width;
}

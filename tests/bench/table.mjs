// @ts-check
// Medians, ratios and tables: for the terminal, and for BENCHMARKS.md.

/** @typedef {{ caption: string, columns: string[], rows: string[][] }} Table the first column names, the others hold figures */

/**
 * @typedef {object} Budget
 * @property {string} what
 * @property {string} bar
 * @property {string} measured
 * @property {boolean} met
 * @property {string} [reason] why not
 */

/** @typedef {{ title: string, about: string, tables: Table[], notes?: string[], budgets?: Budget[], busy?: number }} Report of one part; `busy`: how many programs wanted a core */

/** @param {number[]} values @returns {number} NaN where there is none */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A figure with three digits, or as many as it has before its point. @param {number} value */
export function figure(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toPrecision(2);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d|.*\.))/g, digits ? "" : ",").replace("-", "−");
}

/** How many times as much. @param {number} value @param {number} of */
export function ratio(value, of) {
  const times = value / of;
  return Number.isFinite(times) ? `${times >= 100 ? figure(times) : times.toFixed(times >= 10 ? 1 : 2)} ×` : "–";
}

/** @param {Table} table @returns {string} as Markdown */
export function markdown({ caption, columns, rows }) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${columns.map((_, at) => (at ? "--:" : "---")).join("|")}|`;
  return [caption, "", line(columns), rule, ...rows.map(line)].join("\n");
}

/** @param {Table} table @returns {string} for the terminal */
export function text({ caption, columns, rows }) {
  const widths = columns.map((column, at) => Math.max(...[column, ...rows.map((row) => row[at])].map((cell) => cell.length)));
  const line = (/** @type {string[]} */ cells) =>
    cells.map((cell, at) => (at ? cell.padStart(widths[at]) : cell.padEnd(widths[at]))).join("  ").trimEnd();
  return [caption, line(columns), ...rows.map(line)].join("\n");
}

/** @param {Budget[]} budgets @returns {Table} */
export function budgetTable(budgets) {
  return {
    caption: "Budgets",
    columns: ["what", "bar", "measured", "met"],
    rows: budgets.map(({ what, bar, measured, met, reason }) => [what, bar, measured, met ? "yes" : `no${reason ? `: ${reason}` : ""}`]),
  };
}

// @ts-check
// The figures and tables of `npm run bench`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetTable, figure, markdown, median, ratio, text } from "../bench/table.mjs";

test("the median is the middle, or between the two in the middle; what is missing does not count", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([NaN, 5]), 5);
  assert.equal(median([]), NaN);
  const values = [3, 1, 2];
  median(values);
  assert.deepEqual(values, [3, 1, 2], "what is given stays as it is");
});

test("figures have three digits", () => {
  assert.deepEqual([0, 0.1234, 1.234, 12.34, 123.4, 1234567].map(figure), ["0", "0.123", "1.23", "12.3", "123", "1,234,567"]);
  assert.deepEqual([-5.5, 0.00012, NaN, Infinity].map(figure), ["−5.50", "0.00012", "–", "–"]);
  assert.deepEqual([ratio(3, 2), ratio(30, 2), ratio(300, 2), ratio(1, NaN)], ["1.50 ×", "15.0 ×", "150 ×", "–"]);
});

test("a table is printed for the terminal and as Markdown", () => {
  const table = { caption: "What it costs", columns: ["", "ms"], rows: [["a|b", "1"], ["c", "1,000"]] };
  assert.equal(text(table), "What it costs\n        ms\na|b      1\nc    1,000");
  assert.equal(markdown(table), "What it costs\n\n|  | ms |\n|---|--:|\n| a\\|b | 1 |\n| c | 1,000 |");
});

test("a budget that is not met says why", () => {
  const one = { what: "a", bar: "≤ 1", measured: "2", met: false, reason: "it is so" };
  assert.deepEqual(budgetTable([one, { ...one, met: true }]).rows.map((row) => row[3]), ["no: it is so", "yes"]);
});

// @ts-check
// JSON with the special numbers of Python.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLenient } from "../../www/app/json-numbers.js";

test("special numbers become null, in strings they stay", () => {
  const text = '{"a": NaN, "b": [-Infinity,Infinity, 1], "c": "NaN, \\" Infinity", "d": "\\\\", "e": NaN}';
  assert.deepEqual(parseLenient(text), { a: null, b: [null, null, 1], c: 'NaN, " Infinity', d: "\\", e: null });
  assert.throws(() => parseLenient("{NaN"), SyntaxError);
});

for (const [what, text] of /** @type {const} */ ([
  ["spaces", `[NaN${" ".repeat(3_000_000)}]`],
  ["quotes that are escaped and never closed", `[NaN, "${'\\"'.repeat(1_500_000)}`],
  ["backslashes", `[NaN, "${"\\".repeat(3_000_000)}"]`],
  ["empty strings", `[NaN${',""'.repeat(1_000_000)}]`],
])) {
  // Quadratic work on so much text would take hours.
  test(`three megabytes of ${what} take no longer than their length`, { timeout: 20_000 }, () => {
    try {
      parseLenient(text);
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
    }
  });
}

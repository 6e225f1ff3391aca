// @ts-check
// JSON whose large integers keep their digits.
import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {typeof import("../../pkg-template/exact-numbers.js")} */
const { parse, stringify } = await import("../../pkg-template/exact-numbers.js");

test("what is not changed is written as it was read", () => {
  for (const text of [
    "[18446744073709551615,-9007199254740993,9007199254740993]",
    '{"a":{"b":[1,99999999999999999999999999]},"c":"12345678901234567890","\\"":123456789012345678901}',
    '{"__proto__":18446744073709551615}',
    `[${"9".repeat(400)}]`,
  ]) {
    assert.equal(stringify(parse(text)), text);
  }
  assert.equal(stringify(parse('{"a": 18446744073709551615}'), 2), '{\n  "a": 18446744073709551615\n}');
});

test("values are those of JSON.parse", () => {
  for (const text of ['[18446744073709551615,1.2345678901234567890,12345678901234567890e-3,"\\\\",-0]', '"x"', "null", '{"a":18446744073709551615,"a":1}']) {
    assert.deepEqual(parse(text), JSON.parse(text));
  }
  assert.throws(() => parse("[18446744073709551615"), SyntaxError);
});

test("a value that was changed is written as it is now", () => {
  const value = parse('{"seed":18446744073709551615,"list":[18446744073709551615]}');
  value.seed = 3;
  value.list.unshift(7);
  assert.equal(stringify(value), '{"seed":3,"list":[7,18446744073709552000]}');
  assert.equal(stringify({ seed: 18446744073709552000 }), '{"seed":18446744073709552000}');
});

const LARGE = "18446744073709551615";
for (const [what, text] of /** @type {const} */ ([
  ["escapes", `[${LARGE},"${'\\"'.repeat(1_500_000)}"]`],
  ["digits", `[${LARGE},${"1".repeat(3_000_000)}.5]`],
  ["large integers", `[${`${LARGE},`.repeat(150_000)}1]`],
  ["marks", `[${LARGE},"${'\\"0.'.repeat(750_000)}"]`],
])) {
  // Quadratic work on so much text would take hours.
  test(`three megabytes of ${what} take no longer than their length`, { timeout: 20_000 }, () => {
    assert.equal(JSON.parse(stringify(parse(text))).length, JSON.parse(text).length);
  });
}

test("values nested more deeply than a reviver can follow are read without their digits", () => {
  const text = `${"[".repeat(100_000)}${LARGE}${"]".repeat(100_000)}`;
  assert.equal(parse(text).length, 1);
});

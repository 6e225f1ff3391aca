// JSON as Python writes and reads it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Float, dumps, loads, plain } from "../../pkg-template/testing/python/json.js";
import { float, int, repr } from "../../pkg-template/testing/python/values.js";

test("what is read is written back as it was: key order, 64-bit integers, floats, NaN", () => {
  const texts = [
    '{"9": 1, "1": {"b": [], "a": {}}, "10:2": null}',
    "[18446744073709551615, -9223372036854775808, 9007199254740993]",
    "[7.0, 0.5, -0.0, 1e+22, 1e-07, 0.0001, 123456789.125]",
    "[NaN, Infinity, -Infinity, true, false, null]",
    '["\\u00e4 \\ud83d\\ude42 \\u007f", "\\"\\\\\\n", "/"]',
    '{"__proto__": 1, "": 2}',
  ];
  for (const text of texts) assert.equal(dumps(loads(text)), text);
});

test("what Python refuses is refused", () => {
  for (const text of [
    "",
    "{",
    "[1,]",
    "{'a': 1}",
    "01",
    "+1",
    "1.",
    ".5",
    '"\n"',
    "nul",
    "[1] 2",
    '{"a" 1}',
    "[".repeat(2000),
  ]) {
    assert.throws(() => loads(text), SyntaxError, text.slice(0, 10));
  }
});

test("ordinary values are written too, undefined members left out", () => {
  assert.equal(
    dumps({ a: undefined, b: [undefined], c: 1.5, d: 10n, e: new Float(2) }),
    '{"b": [null], "c": 1.5, "d": 10, "e": 2.0}',
  );
  assert.deepEqual(plain(loads('{"a": [{"b": 7.0}]}')), { a: [{ b: 7 }] });
});

test("values are shown and converted as Python does", () => {
  assert.equal(repr(loads('["a", "it\'s", null, true, 1.0, {"k": []}]')), `['a', "it's", None, True, 1.0, {'k': []}]`);
  assert.deepEqual(
    [int("12"), int(" -7 "), int(3.9), int(true), int("18446744073709551615")],
    [12, -7, 3, 1, 18446744073709551615n],
  );
  assert.throws(() => int("1.5"), { message: "invalid literal for int() with base 10: '1.5'" });
  assert.throws(() => int(null), /not 'NoneType'$/);
  assert.equal(dumps([float("1e3"), float(".5"), float(2)]), "[1000.0, 0.5, 2.0]");
  assert.throws(() => float("x"), { message: "could not convert string to float: 'x'" });
});

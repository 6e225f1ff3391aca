// @ts-check
// JSON as Python's `json` reads and writes it. JavaScript's `JSON` loses the order of integer-like keys (node ids),
// integers above 2^53 (seeds), 7.0 as distinct from 7, `NaN` and `Infinity`.

/** A float with an integral value, so that `7.0` is written as `7.0`. */
export class Float {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
  valueOf() {
    return this.value;
  }
}

const MAX_DEPTH = 900;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS = /** @type {[string, unknown][]} */ ([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/**
 * Parses JSON text. Objects become Maps, integers above 2^53 BigInts, integral floats `Float`.
 * @param {string} text
 * @returns {any}
 * @throws {SyntaxError} where Python's `json.loads` would raise
 */
export function loads(text) {
  let at = 0;

  /** @param {RegExp} pattern */
  function take(pattern) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  }
  /** @returns {never} */
  function fail() {
    throw new SyntaxError(`Unexpected ${at < text.length ? JSON.stringify(text[at]) : "end"} at character ${at}`);
  }
  /** @param {string} char */
  function expect(char) {
    if (text[at] !== char) fail();
    at += 1;
  }
  function string() {
    const match = take(STRING);
    return match ? JSON.parse(match[0]) : fail();
  }
  /** @param {number} depth @returns {any} */
  function value(depth) {
    if (depth > MAX_DEPTH) throw new SyntaxError("Nested too deep");
    take(SPACE);
    const char = text[at];
    if (char === "{") {
      const map = new Map();
      at += 1;
      take(SPACE);
      if (text[at] === "}") {
        at += 1;
        return map;
      }
      for (;;) {
        take(SPACE);
        const key = string();
        take(SPACE);
        expect(":");
        map.set(key, value(depth + 1));
        take(SPACE);
        if (text[at] === "}") break;
        expect(",");
      }
      at += 1;
      return map;
    }
    if (char === "[") {
      /** @type {any[]} */
      const list = [];
      at += 1;
      take(SPACE);
      if (text[at] === "]") {
        at += 1;
        return list;
      }
      for (;;) {
        list.push(value(depth + 1));
        take(SPACE);
        if (text[at] === "]") break;
        expect(",");
      }
      at += 1;
      return list;
    }
    if (char === '"') return string();
    for (const [word, meaning] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const match = take(NUMBER);
    if (!match) return fail();
    const number = Number(match[0]);
    if (match[1] || match[2]) return Number.isInteger(number) ? new Float(number) : number;
    return Number.isSafeInteger(number) ? number : BigInt(match[0]);
  }

  const result = value(0);
  take(SPACE);
  if (at < text.length) fail();
  return result;
}

/** @param {number} value */
function floatText(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** @param {string} value */
function stringText(value) {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Writes JSON as Python's `json.dumps` does: a space after `,` and `:`, ASCII only. Accepts results of `loads` and
 * plain objects, whose undefined members are omitted.
 * @param {any} value
 * @returns {string}
 */
export function dumps(value) {
  if (value === null || value === undefined) return "null";
  switch (typeof value) {
    case "string":
      return stringText(value);
    case "number":
      return Number.isInteger(value) && !Object.is(value, -0) ? String(BigInt(value)) : floatText(value);
    case "object":
      break;
    default:
      return String(value);
  }
  if (value instanceof Float) return floatText(value.value);
  if (Array.isArray(value)) return `[${value.map(dumps).join(", ")}]`;
  const entries =
    value instanceof Map ? [...value] : Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${entries.map(([key, member]) => `${stringText(String(key))}: ${dumps(member)}`).join(", ")}}`;
}

/**
 * Converts a result of `loads` to plain objects and numbers. Integers above 2^53 stay BigInts.
 * @param {any} value
 * @returns {any}
 */
export function plain(value) {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  if (value && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  }
  return value;
}

// @ts-check
// JSON whose large integers keep their digits. Numbers of JavaScript hold integers up to 2 ** 53 exactly; ComfyUI's seeds go
// up to 2 ** 64. The digits are kept beside the object that was parsed, and are written again as long as its value is the
// number that they were read as.

/** Digits of integers by the object or list that holds them. @type {WeakMap<object, Map<string, { number: number, digits: string }>>} */
const kept = new WeakMap();
/** Whether there are any, because looking for them slows `JSON.stringify` down. */
let keepsAny = false;

const LONG = /\d{16}/;
/** Strings and numbers of valid JSON. Strings are matched because there can be digits inside of them. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d{16,}$/;

/**
 * `JSON.parse`, with the digits of large integers kept for `stringify`.
 *
 * @param {string} text
 */
export function parse(text) {
  const value = JSON.parse(text);
  if (!LONG.test(text)) return value;
  const mark = makeMark();
  const marked = text.replace(TOKENS, (token) => (isInexact(token) ? `"${mark}${token}"` : token));
  if (marked.length === text.length) return value;
  try {
    return JSON.parse(marked, function (key, item) {
      return typeof item === "string" && item.startsWith(mark) ? keep(this, key, item.slice(mark.length)) : item;
    });
  } catch {
    // Nested too deeply for a reviver, which is called recursively.
    return value;
  }
}

/**
 * `JSON.stringify`, with the digits that `parse` kept.
 *
 * @param {unknown} value
 * @param {number} [indent]
 * @returns {string}
 */
export function stringify(value, indent) {
  if (!keepsAny) return JSON.stringify(value, null, indent);
  const mark = makeMark();
  const text = JSON.stringify(
    value,
    function (key, item) {
      const exact = typeof item === "number" ? kept.get(this)?.get(key) : undefined;
      return exact && exact.number === item ? mark + exact.digits : item;
    },
    indent,
  );
  return text?.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");
}

/**
 * @param {object} holder
 * @param {string} key
 * @param {string} digits
 */
function keep(holder, key, digits) {
  const number = Number(digits);
  if (!kept.has(holder)) kept.set(holder, new Map());
  kept.get(holder)?.set(key, { number, digits });
  keepsAny = true;
  return number;
}

/** @param {string} token */
function isInexact(token) {
  return INTEGER.test(token) && String(Number(token)) !== token;
}

/** Marks strings that hold digits. It is random, so that no text contains it. */
function makeMark() {
  return `${Math.random().toString(36).slice(2)}:`;
}

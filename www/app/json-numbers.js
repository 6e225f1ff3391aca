// @ts-check
// JSON as Python writes it: `NaN` and `Infinity` are numbers there.

const SPECIAL = /-?\bInfinity\b|\bNaN\b/g;

/** Parses JSON whose special numbers become null. Takes linear time. @param {string} text */
export function parseLenient(text) {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(withoutSpecialNumbers(text));
  }
}

/**
 * Replaces special numbers outside of strings. No regular expression can skip strings here: one that fails at an
 * unterminated string would start again at each quote.
 *
 * @param {string} text
 */
function withoutSpecialNumbers(text) {
  const parts = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const outside = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, outside).replace(SPECIAL, "null"));
    at = quote < 0 ? text.length : endOfString(text, quote);
    parts.push(text.slice(outside, at));
  }
  return parts.join("");
}

/** Index after the string that begins at a quote. @param {string} text @param {number} start */
function endOfString(text, start) {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, text.length);
}

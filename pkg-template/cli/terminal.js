// @ts-check
// What the command line writes. Texts of servers and files may hold anything: control characters would steer the terminal,
// and characters that turn the direction of writing would show a name that it is not.

/** Control characters and invisible ones, but the end of a line and the tabulator. */
const UNSHOWN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text as it can be shown. @param {string} text */
export function shown(text) {
  return text.replace(UNSHOWN, "?");
}

/** The same JSON without characters that a terminal takes for its own. @param {string} json */
export function shownJson(json) {
  const escaped = (/** @type {string} */ unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return json.replace(UNSHOWN, (character) => character.replace(/[^]/g, escaped));
}

/** A line of the result, on standard output. @param {string} line */
export function print(line) {
  process.stdout.write(`${shown(line)}\n`);
}

/** A line for people, on standard error. @param {string} message */
export function say(message) {
  process.stderr.write(`autoflow: ${shown(message)}\n`);
}

// @ts-check
// Reads from what a test runner printed how many tests passed.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * A runner that failed without naming a failed test (it did not compile, it crashed) counts as one failure.
 *
 * @param {Counts} counts
 * @param {number} code
 * @returns {Counts}
 */
function withExit(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * A check that either holds or does not: a lint, a build.
 *
 * @param {number} code
 * @returns {Counts}
 */
export function one(code) {
  return code === 0 ? { ...NONE, passed: 1 } : { ...NONE, failed: 1 };
}

/**
 * @param {string} output of `cargo test`: one result line a test program
 * @param {number} code
 * @returns {Counts}
 */
export function ofCargo(output, code) {
  let counts = NONE;
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm,
  )) {
    counts = add(counts, { passed: Number(passed), failed: Number(failed), skipped: Number(ignored) });
  }
  return withExit(counts, code);
}

/**
 * @param {string} output of `node --test` with the spec reporter
 * @param {number} code
 * @returns {Counts}
 */
export function ofNode(output, code) {
  const read = (/** @type {string} */ name) => Number(output.match(new RegExp(`^ℹ ${name} (\\d+)$`, "m"))?.[1] ?? 0);
  const counts = {
    passed: read("pass"),
    failed: read("fail") + read("cancelled"),
    skipped: read("skipped") + read("todo"),
  };
  return withExit(counts, code);
}

/**
 * @param {Counts} counts
 * @returns {string} the line that a run ends with
 */
export function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}

// @ts-check
// The last line of `npm test` counts what really ran.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NONE, add, line, ofCargo, ofNode, one } from "../../scripts/counts.mjs";

test("the programs of cargo test are summed, ignored tests are skipped ones", () => {
  const output = `
running 2 tests
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 3 tests
test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
`;
  assert.deepEqual(ofCargo(output, 101), { passed: 3, failed: 1, skipped: 1 });
});

test("a runner that fails without naming a test counts as one failure", () => {
  assert.deepEqual(ofCargo("error: could not compile", 101), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(ofNode("Segmentation fault", 139), { passed: 0, failed: 1, skipped: 0 });
});

test("cancelled tests of node count as failed, those to do as skipped", () => {
  const output = "ℹ tests 9\nℹ suites 1\nℹ pass 4\nℹ fail 1\nℹ cancelled 2\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 7\n";
  assert.deepEqual(ofNode(output, 1), { passed: 4, failed: 3, skipped: 2 });
});

test("the last line names skipped tests only where there are some", () => {
  assert.equal(line(add(one(0), NONE)), "1 passed, 0 failed");
  assert.equal(line({ passed: 1, failed: 2, skipped: 3 }), "1 passed, 2 failed, 3 skipped");
});

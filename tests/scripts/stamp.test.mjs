// @ts-check
// What is up to date is not made again.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, target } from "../../scripts/paths.mjs";
import { madeOf } from "../../scripts/stamp.mjs";

test("something is made again when an input, a fact or an output changes, and only then", async (t) => {
  const folder = fs.mkdtempSync(path.join(target, "stamp-"));
  const name = path.basename(folder);
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
    fs.rmSync(path.join(target, "stamps", name), { force: true });
  });
  const [input, output] = [path.join(folder, "input"), path.join(folder, "output")];
  fs.writeFileSync(input, "1");
  const make = (facts = ["a"], fail = false) =>
    madeOf({ name, inputs: [path.relative(root, input)], facts, outputs: [output] }, async () => {
      if (fail) throw new Error("failed");
      fs.writeFileSync(output, "");
    });

  assert.equal(await make(), true, "the first time");
  assert.equal(await make(), false, "nothing changed");
  fs.utimesSync(input, 1, 1);
  assert.equal(await make(), false, "only its time changed");
  fs.writeFileSync(input, "2");
  assert.equal(await make(), true, "an input changed");
  assert.equal(await make(["b"]), true, "a fact changed");
  fs.rmSync(output);
  assert.equal(await make(["b"]), true, "an output is gone");
  await assert.rejects(make(["c"], true), /failed/);
  assert.equal(await make(["b"]), true, "a failure leaves nothing that counts as made");
});

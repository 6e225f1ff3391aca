// @ts-check
// Two commands at the same time do not set up or build the same thing twice.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { locked } from "../../scripts/lock.mjs";
import { run } from "../../scripts/run.mjs";

const lockModule = new URL("../../scripts/lock.mjs", import.meta.url).href;

/** @param {import("node:test").TestContext} t */
function lockFile(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lock-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return path.join(folder, "thing.lock");
}

test("one process at a time holds a lock", async (t) => {
  const file = lockFile(t);
  const log = `${file}.log`;
  const code = `
    import fs from "node:fs";
    import { locked } from ${JSON.stringify(lockModule)};
    await locked(${JSON.stringify(file)}, async () => {
      fs.appendFileSync(${JSON.stringify(log)}, "in ");
      await new Promise(setImmediate);
      fs.appendFileSync(${JSON.stringify(log)}, "out ");
    });`;
  const child = () => run(process.execPath, ["--input-type=module", "--eval", code]);
  for (const { code, output } of await Promise.all([child(), child(), child()])) assert.equal(code, 0, output);
  assert.equal(fs.readFileSync(log, "utf8"), "in out ".repeat(3));
  assert.equal(fs.existsSync(file), false, "the lock is gone");
});

test("a lock that a killed process left is taken over", async (t) => {
  const file = lockFile(t);
  fs.writeFileSync(file, "1\n");
  const old = new Date(Date.now() - 60_000);
  fs.utimesSync(file, old, old);
  assert.equal(await locked(file, async () => "taken"), "taken");
});

test("a failure frees the lock", async (t) => {
  const file = lockFile(t);
  await assert.rejects(locked(file, async () => Promise.reject(new Error("failed"))), /failed/);
  assert.equal(fs.existsSync(file), false);
});

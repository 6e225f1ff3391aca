// @ts-check
// Files that are larger than one wants to hold: they go to the disk as they come, whole or not at all.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Submission, saveFiles } from "comfyui-autoflow/node";

const SIZE = 256 << 20;

/** @type {import("node:child_process").ChildProcess} */
let server;
/** @type {string} */
let folder;
/** The files that the server has, by name. @type {Record<string, import("comfyui-autoflow").ResultFile>} */
const files = {};

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-large-"));
  const script = new URL("support/large-files.mjs", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, String(SIZE)], { stdio: ["ignore", "pipe", "inherit"] });
  server = child;
  const port = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
  const run = Submission.fromPromptId("p", { serverUrl: `http://127.0.0.1:${port}` });
  for (const file of await run.fetchFiles()) files[file.filename] = file;
});
after(async () => {
  server.kill();
  await fs.rm(folder, { recursive: true });
});

describe("large files", { timeout: 120_000 }, () => {
  test("a file goes to the disk as it comes: memory does not hold it", async () => {
    const before = process.memoryUsage();
    let most = 0;
    /** @type {number[]} */
    const told = [];
    const onFileProgress = (/** @type {unknown} */ file, /** @type {number} */ loaded, /** @type {number} */ total) => {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      most = Math.max(most, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed);
      told.push(loaded);
      assert.equal(file, files["whole.bin"]);
      assert.equal(total, SIZE);
    };
    const [written] = await saveFiles([files["whole.bin"]], path.join(folder, "whole"), { onFileProgress });
    assert.equal((await fs.stat(written)).size, SIZE);
    assert.equal(told.at(-1), SIZE);
    assert.ok(told.length > 10 && told.every((loaded, at) => loaded > (told[at - 1] ?? 0)));
    assert.ok(most < SIZE / 2, `it took ${most >> 20} MB of ${SIZE >> 20}`);
    assert.deepEqual(await fs.readdir(path.dirname(written)), ["whole.bin"]);
  });

  test("a connection that breaks leaves nothing behind", async () => {
    const out = path.join(folder, "half");
    const call = saveFiles([files["half.bin"]], out);
    await assert.rejects(call, { name: "ComfyError", code: "network", message: /half\.bin.*Fetch it again/ });
    assert.deepEqual(await fs.readdir(out), []);
  });

  test("aborting ends a download that does not go on, and takes its temporary file away", async () => {
    const out = path.join(folder, "stuck");
    const controller = new AbortController();
    const reason = new Error("enough");
    /** @type {string[]} */
    let meanwhile = [];
    const onFileProgress = async (/** @type {unknown} */ file, /** @type {number} */ loaded) => {
      if (loaded < SIZE / 2) return;
      meanwhile = await fs.readdir(out);
      controller.abort(reason);
    };
    const call = saveFiles([files["stuck.bin"]], out, { signal: controller.signal, onFileProgress });
    await assert.rejects(call, (error) => error === reason);
    assert.match(meanwhile.join(), /^\.stuck\.bin\..*\.part$/);
    assert.deepEqual(await fs.readdir(out), []);
  });

  test("a stream is a file's content, in any runtime", async () => {
    const controller = new AbortController();
    const stream = await files["whole.bin"].stream({ signal: controller.signal });
    const reader = stream.getReader();
    const { value } = await reader.read();
    assert.equal(Buffer.from(value ?? []).subarray(0, 5).toString(), "comfy");
    controller.abort();
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    }, { name: "AbortError" });
  });
});

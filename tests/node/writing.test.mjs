// @ts-check
// What becomes of the file that is there already, and what a terminal is shown.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { writeFile } from "comfyui-autoflow/node";
import { shown, shownJson } from "../../pkg-template/cli/terminal.js";
import { CLI, call } from "./support/command.mjs";

/** @type {string} */
let folder;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-writing-"));
});
after(() => fs.rm(folder, { recursive: true }));

const onPosix = { skip: process.platform === "win32" };

describe("writeFile", () => {
  test("a file that is overwritten keeps its mode", onPosix, async () => {
    const file = path.join(folder, "private.json");
    await fs.writeFile(file, "before");
    await fs.chmod(file, 0o640);
    await writeFile(file, "after", { overwrite: true });
    assert.equal((await fs.stat(file)).mode & 0o777, 0o640);
    assert.equal(await fs.readFile(file, "utf8"), "after");
  });

  test("a link is written through, also one that leads nowhere yet", onPosix, async () => {
    for (const name of ["there.json", "not-yet.json"]) {
      const [real, link] = [path.join(folder, name), path.join(folder, `link-to-${name}`)];
      if (name === "there.json") await fs.writeFile(real, "before");
      await fs.symlink(real, link);
      await writeFile(link, "after", { overwrite: true });
      assert.ok((await fs.lstat(link)).isSymbolicLink());
      assert.equal(await fs.readFile(real, "utf8"), "after");
    }
  });

  test("a pipe is written into and stays one", onPosix, async () => {
    const pipe = path.join(folder, "pipe");
    await new Promise((resolve) => spawn("mkfifo", [pipe]).on("exit", resolve));
    const read = fs.readFile(pipe, "utf8");
    await writeFile(pipe, "through", { overwrite: true });
    assert.equal(await read, "through");
    assert.ok((await fs.stat(pipe)).isFIFO());
  });
});

describe("what a terminal is shown", () => {
  const hostile = "a\u001b]0;owned\u0007\u009b31mb\u202ec\u2066d\u200be\nf\tg";

  test("neither control characters nor those that turn the direction of writing", () => {
    assert.equal(shown(hostile), "a?]0;owned??31mb?c?d?e\nf\tg");
    const json = JSON.stringify({ hostile });
    assert.equal(shown(shownJson(json)), shownJson(json));
    assert.deepEqual(JSON.parse(shownJson(json)), { hostile });
  });

  test("an error that quotes a server", async () => {
    const server = createServer((_, response) => {
      response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: hostile } }));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const { code, stderr } = await call(folder, ["stats", "-s", `http://127.0.0.1:${port}`]);
    server.close();
    assert.equal(code, 1);
    assert.match(stderr, /500/);
    assert.equal(shown(stderr), stderr);
  });

  test("a standard output that is full ends in words and exit code 1", { skip: process.platform !== "linux" }, async () => {
    const full = await fs.open("/dev/full", "w");
    const child = spawn(process.execPath, [CLI, "--help"], { stdio: ["ignore", full.fd, "pipe"] });
    let stderr = "";
    child.stderr?.on("data", (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.on("close", resolve));
    await full.close();
    assert.deepEqual([code, /^autoflow: standard output cannot be written: .*ENOSPC/.test(stderr)], [1, true], stderr);
  });
});

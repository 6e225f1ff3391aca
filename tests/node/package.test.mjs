// @ts-check
// The package as it is published: its entries, its names, its files.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import * as api from "comfyui-autoflow";
import * as node from "comfyui-autoflow/node";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { pkg } from "../../scripts/paths.mjs";
import { run } from "../../scripts/run.mjs";
import { textToImage } from "../scenarios/prompts.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(path.join(pkg, "package.json"), "utf8"));

test("every entry has the names that the types declare", async () => {
  const types = readFileSync(path.join(pkg, "index.d.ts"), "utf8");
  // Once each: a function can have several signatures.
  const names = new Set([...types.matchAll(/^export (?:class|function) (\w+)/gm)].map((match) => match[1]));
  const declared = [...names].sort();
  assert.deepEqual(Object.keys(api).sort(), declared);
  assert.deepEqual(Object.keys(await import("comfyui-autoflow/slim")).sort(), declared);
  for (const name of declared) assert.ok(name in node, `comfyui-autoflow/node has no ${name}`);
  for (const entry of ["index", "slim", "node"]) {
    const names = Object.keys(require(path.join(pkg, "cjs", `${entry}.js`)));
    for (const name of declared) assert.ok(names.includes(name), `cjs/${entry}.js has no ${name}`);
  }
});

test("all entries share one instance, with import and require", async () => {
  assert.equal(node.Submission, api.Submission);
  assert.equal((await import("comfyui-autoflow/slim")).ComfyError, api.ComfyError);
  const commonJs = (/** @type {string} */ name) => require(path.join(pkg, "cjs", name));
  assert.equal(commonJs("node.js").Submission, commonJs("index.js").Submission);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || minor >= 19) assert.equal(require("comfyui-autoflow").Submission, api.Submission);
});

test("the slim entry says what to do before its wasm is loaded, and works after", async () => {
  // Another thread has its own module instances, where nothing is loaded yet.
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    import("comfyui-autoflow/slim").then(async (slim) => {
      const said = [];
      const note = ({ name, code, message }) => said.push([name, code, message].join(" "));
      try { slim.convert({}, {}); } catch (error) { note(error); }
      // Not try and catch: what returns a promise rejects it.
      await slim.Workflow.load("{}").catch(note);
      await slim.init().catch(note);
      await slim.submit({}).catch(note);
      await slim.ObjectInfo.fetch().catch(note);
      await slim.uploadImage(new Blob()).catch(note);
      await slim.uploadMask(new Blob()).catch(note);
      for (const call of ["progressPrinter", "chainCallbacks"]) {
        try { slim[call](); } catch (error) { note(error); }
      }
      await slim.init(new URL("file:///nowhere/x.wasm")).catch(note);
      await slim.init(workerData);
      await slim.init(workerData);
      said.push(typeof slim.chainCallbacks());
      parentPort.postMessage(said);
    });`;
  const wasm = readFileSync(path.join(pkg, "comfyui_autoflow.wasm"));
  const worker = new Worker(code, { eval: true, workerData: wasm });
  /** @type {string[]} */
  const said = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(said.pop(), "function");
  assert.match(said.pop() ?? "", /^ComfyError network "file:\/\/\/nowhere\/x\.wasm" cannot be read: ENOENT/);
  assert.match(said[0], /^ComfyError bad_input convert was called before the wasm was loaded: await init\(/);
  assert.match(said[1], /^ComfyError bad_input Workflow\.load was called before/);
  assert.match(said[2], /^ComfyError bad_input init\(\) .*comfyui_autoflow\.wasm/);
  assert.equal(said.length, 9);
  for (const text of said.slice(3)) assert.match(text, /^ComfyError bad_input \w.* was called before the wasm was loaded/);
});

test("console.log shows what an object is, not where it lies", async () => {
  const sim = await startSimulator({ stepMs: 0 });
  try {
    const prompt = textToImage();
    const flow = await api.Workflow.load(prompt);
    assert.equal(inspect(flow), `ApiFlow ${inspect({ prompt, warnings: [], dropped: [] })}`);
    const run = await flow.submit({ serverUrl: sim.url, wait: true });
    assert.match(inspect(run), new RegExp(`^Submission \\{\\s+promptId: '${run.promptId}',[^]*status: 'completed'`));
    const files = await run.fetchFiles();
    assert.match(inspect({ files }), /files: \[\s+ResultFile \{\s+filename: '/);
    const info = await api.ObjectInfo.fetch(sim.url);
    assert.match(inspect(info), /^ObjectInfo \{[^]*KSampler|^ObjectInfo \{[^]*…/);
    assert.ok(inspect(info).length < 700, "an object info is shown by its beginning");
    for (const { prototype } of [api.ApiFlow, api.ObjectInfo, api.ResultFile, api.Submission]) inspect(prototype);
  } finally {
    await sim.close();
  }
});

test("the tarball holds what exports and bin name, and nothing but code, types and papers", async () => {
  const { stdout, output, code } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: pkg });
  assert.equal(code, 0, output);
  const parsed = JSON.parse(stdout);
  const [tarball] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  /** @type {string[]} */
  const files = tarball.files.map((/** @type {{ path: string }} */ file) => file.path);
  const named = JSON.stringify([manifest.exports, manifest.bin ?? {}]).match(/\.\/[^"]+\.\w+(?=")/g) ?? [];
  for (const name of named.filter((name) => !name.includes("*"))) {
    assert.ok(files.includes(name.slice(2)), `${name} is not in the tarball`);
  }
  assert.deepEqual(files.filter((name) => !/\.(js|d\.ts|d\.wasm\.ts|wasm|md)$|^LICENSE$|package\.json$/.test(name)), []);
  assert.deepEqual(Object.keys(manifest.dependencies ?? {}), [], "no runtime dependency");
});

test("neither wasm nor code names a folder of the machine that built it", () => {
  for (const name of ["comfyui_autoflow.wasm", "comfyui_autoflow.js"]) {
    const content = readFileSync(path.join(pkg, name), "latin1");
    for (const place of [homedir(), path.dirname(pkg), "registry/src"]) {
      assert.ok(!content.includes(place), `${name} names ${place}`);
    }
  }
});

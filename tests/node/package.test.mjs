// @ts-check
// The package as it is published: its entries, its names, its files.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import * as api from "comfyui-autoflow";
import * as converting from "comfyui-autoflow/workflow";
import * as node from "comfyui-autoflow/node";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { pkg, root } from "../../scripts/paths.mjs";
import { run } from "../../scripts/run.mjs";
import { textToImage } from "../scenarios/prompts.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(path.join(pkg, "package.json"), "utf8"));

test("every entry has the names that the types declare", async () => {
  const declaredIn = (/** @type {string} */ name) => {
    const own = readFileSync(path.join(pkg, `${name}.d.ts`), "utf8");
    const parts = [...own.matchAll(/^export \* from "(.*)\.js";/gm)].map(([, part]) => readFileSync(path.join(pkg, `${part}.d.ts`), "utf8"));
    const types = [own, ...(name === "index" ? parts : [])].join("\n");
    // Once each: a function can have several signatures.
    return [...new Set([...types.matchAll(/^export (?:class|function) (\w+)/gm)].map((match) => match[1]))];
  };
  const ofClient = declaredIn("index").sort();
  const all = [...ofClient, ...declaredIn("workflow")].sort();
  assert.deepEqual(Object.keys(api).sort(), ofClient);
  assert.deepEqual(Object.keys(converting).sort(), all);
  assert.deepEqual(Object.keys(await import("comfyui-autoflow/slim")).sort(), all);
  for (const name of all) assert.ok(name in node, `comfyui-autoflow/node has no ${name}`);
  for (const [entry, declared] of Object.entries({ index: ofClient, workflow: all, slim: all, node: all })) {
    const names = Object.keys(require(path.join(pkg, "cjs", `${entry}.js`)));
    for (const name of declared) assert.ok(names.includes(name), `cjs/${entry}.js has no ${name}`);
  }
});

test("every advice that a hint may have is declared", () => {
  const folders = [["src", ".rs"], ["pkg-template", ".js"]];
  const sources = folders.flatMap(([folder, ending]) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(ending) && !file.startsWith("testing"))
      .map((file) => readFileSync(path.join(root, folder, file), "utf8")),
  );
  const given = sources.flatMap((text) => [...text.matchAll(/(?:\badvise\(|\bhint\(|\badvice: )\s*"(\w+)"/g)].map(([, code]) => code));
  const [, declared = ""] = /export type ErrorAdvice =([^;]*);/.exec(readFileSync(path.join(pkg, "index.d.ts"), "utf8")) ?? [];
  assert.ok(new Set(given).size > 30, `only ${new Set(given).size} were found`);
  assert.deepEqual([...new Set(given)].filter((code) => !declared.includes(`"${code}"`)), []);
});

test("the inlined modules are the ones that the package has as files, byte for byte", async () => {
  for (const name of ["client", "converter"]) {
    const { default: inlined } = await import(path.join(pkg, `${name}_bytes.js`));
    assert.deepEqual(Buffer.from(inlined()), readFileSync(path.join(pkg, `${name}.wasm`)));
  }
});

test("the CommonJS entries run both modules", async () => {
  const workflow = { nodes: [], links: [] };
  for (const entry of ["index", "node"]) {
    const { Workflow, progressPrinter } = require(path.join(pkg, "cjs", `${entry}.js`));
    assert.equal(typeof progressPrinter(), "function");
    assert.deepEqual((await Workflow.load(workflow, { objectInfo: {} })).prompt, {});
  }
  const { convert } = require(path.join(pkg, "cjs", "workflow.js"));
  assert.deepEqual(convert(workflow, {}).prompt, {});
});

test("every method that returns a promise rejects where its object is of wasm that trapped", () => {
  const types = readFileSync(path.join(pkg, "index.d.ts"), "utf8");
  const code = readFileSync(new URL("../../pkg-template/api.js", import.meta.url), "utf8");
  let count = 0;
  for (const [, name, body] of types.matchAll(/^export class (\w+) \{([^]*?)^\}/gm)) {
    const declared = [...body.matchAll(/^  (\w+)(?:<[^;(]*>)?\([^;]*?\): Promise</gm)].map((match) => match[1]);
    const [, listed = ""] = new RegExp(`rejectWhenGone\\(glue\\.${name}, \\[(.*?)\\]`, "s").exec(code) ?? [];
    for (const method of new Set(declared)) {
      assert.ok(listed.includes(`"${method}"`), `rejectWhenGone of api.js lacks ${name}.${method}`);
      count += 1;
    }
  }
  assert.ok(count > 8, "the declarations were read");
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
      try { slim.progressPrinter(); } catch (error) { note(error); }
      await slim.init(new URL("file:///nowhere/x.wasm")).catch(note);
      await slim.init(workerData.client);
      await slim.init(workerData.client);
      said.push(typeof slim.progressPrinter());
      const prompt = { 1: { class_type: "A", inputs: {} } };
      said.push(JSON.stringify(await slim.Workflow.load(prompt)));
      await slim.Workflow.load({ nodes: [] }, { objectInfo: {} }).catch(note);
      await slim.Workflow.load(new Blob(["not JSON"])).catch(note);
      try { slim.ObjectInfo.from({}); } catch (error) { note(error); }
      const stream = { isTTY: true, write() {} };
      try { slim.progressPrinter({ format: "bar", stream }); } catch (error) { note(error); }
      said.push(typeof slim.progressPrinter({ stream }));
      await slim.init({ client: "unused", converter: workerData.converter });
      said.push(JSON.stringify(await slim.Workflow.load({ nodes: [] }, { objectInfo: {} })));
      said.push(typeof slim.ObjectInfo.from({}).text);
      parentPort.postMessage(said);
    });`;
  const [client, converter] = ["client", "converter"].map((name) => readFileSync(path.join(pkg, `${name}.wasm`)));
  const worker = new Worker(code, { eval: true, workerData: { client, converter } });
  /** @type {string[]} */
  const said = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(said.pop(), "string");
  assert.equal(said.pop(), "{}");
  assert.equal(said.pop(), "function");
  for (const text of said.splice(-4)) {
    assert.match(text, /^ComfyError bad_input .*before converter\.wasm was loaded: await init\(\{ client, converter \}\)/);
  }
  assert.equal(said.pop(), '{"1":{"class_type":"A","inputs":{}}}');
  assert.equal(said.pop(), "function");
  assert.match(said.pop() ?? "", /^ComfyError network "file:\/\/\/nowhere\/x\.wasm" cannot be read: ENOENT/);
  assert.match(said[0], /^ComfyError bad_input convert was called before converter\.wasm was loaded: await init\(/);
  assert.match(said[1], /^ComfyError bad_input Workflow\.load was called before/);
  assert.match(said[2], /^ComfyError bad_input init\(\) .*client\.wasm/);
  assert.equal(said.length, 8);
  for (const text of said.slice(3)) assert.match(text, /^ComfyError bad_input \w.* was called before client\.wasm was loaded/);
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
    const info = await node.ObjectInfo.fetch(sim.url);
    assert.match(inspect(info), /^ObjectInfo \{[^]*KSampler|^ObjectInfo \{[^]*…/);
    assert.ok(inspect(info).length < 700, "an object info is shown by its beginning");
    for (const { prototype } of [api.ApiFlow, node.ObjectInfo, api.ResultFile, api.Submission]) inspect(prototype);
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
  for (const name of readdirSync(pkg).filter((name) => /\.(js|wasm)$/.test(name))) {
    const content = readFileSync(path.join(pkg, name), "latin1");
    for (const place of [homedir(), path.dirname(pkg), "registry/src"]) {
      assert.ok(!content.includes(place), `${name} names ${place}`);
    }
  }
});

// @ts-check
// What the functions of the disk are given: a wrong argument is refused in words, before anything is fetched or written.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Submission, Workflow, loadFile, saveFiles, uploadFile, writeFile } from "comfyui-autoflow/node";
import { startSimulator } from "comfyui-autoflow/testing";
import { textToImage } from "../scenarios/prompts.mjs";

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const SERVER = "http://127.0.0.1:9";

/** @type {string} */
let base;
before(async () => (base = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-arguments-"))));
after(() => fs.rm(base, { recursive: true }));

/** A file of a run, as the server lists it, which must not be fetched where something is wrong. */
function made(filename = "lab_1_.png") {
  const file = { filename, key: "images", nodeId: "9", fetched: 0, stream };
  async function stream() {
    file.fetched++;
    return new Blob([PNG]).stream();
  }
  return /** @type {any} */ (file);
}

/**
 * Calls with what must not be: everything may be said of the types.
 *
 * @param {(...args: any[]) => unknown} call
 * @param {any[]} args
 * @param {RegExp | string} message
 * @returns the error
 */
async function refuses(call, args, message) {
  const error = await Promise.resolve()
    .then(() => call(...args))
    .then(() => assert.fail("nothing was refused"), (/** @type {any} */ error) => error);
  assert.equal(error.code, "bad_input", `${error.stack}`);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return error;
}

describe("saveFiles", () => {
  test("takes a file: URL as its target, as an object and as text", async () => {
    const folder = path.join(base, "a folder");
    assert.deepEqual(await saveFiles([made()], pathToFileURL(folder)), [path.join(folder, "lab_1_.png")]);
    const pattern = pathToFileURL(path.join(folder, "frame.##.png"));
    assert.deepEqual(await saveFiles([made()], pattern), [path.join(folder, "frame.00.png")]);
    const text = String(pathToFileURL(path.join(folder, "text")));
    assert.deepEqual(await saveFiles([made()], text), [path.join(folder, "text", "lab_1_.png")]);
  });

  test("refuses a target that is no path", async () => {
    const wanted = "The target of saveFiles must be a path or a file: URL, not";
    for (const [target, got] of /** @type {[unknown, string][]} */ ([
      [{ overwrite: true }, "an object"],
      [5, "a number"],
      [null, "null"],
      [["out"], "a list"],
      [new URL("http://127.0.0.1/out"), "an address of http:"],
      ["https://example.org/out", "an address of https:"],
    ])) {
      await refuses(saveFiles, [[made()], target], `${wanted} ${got}.`);
    }
    await refuses(saveFiles, [[made()], new URL("file:///tmp/frame.##.png")], /ends at its # .*%23/);
  });

  test("refuses what is no list of files, with what to do", async () => {
    const out = path.join(base, "never");
    const run = Submission.fromPromptId("x", { serverUrl: SERVER });
    await refuses(saveFiles, [Promise.resolve([made()]), out], /are a promise; put `await` before it/);
    await refuses(saveFiles, [run, out], /not the run: saveFiles\(await run\.fetchImages\(\)/);
    await refuses(saveFiles, [made(), out], /put the one into a list: saveFiles\(\[file\]/);
    await refuses(saveFiles, [undefined, out], /wants a list of files.*not undefined\.$/);
    await refuses(saveFiles, [[made(), "a.png"], out], "Entry 1 of the list that saveFiles got is no file of a run, but a string.");
    await refuses(saveFiles, [[made(), new Blob([PNG])], out], /Entry 1 .* but a Blob\.$/);
    await refuses(saveFiles, [[Promise.resolve(made())], out], /Entry 0 .* a promise\. Put await before it\.$/);
    await assert.rejects(fs.stat(out), { code: "ENOENT" });
  });

  test("checks every option, and fetches nothing", async () => {
    const out = path.join(base, "never");
    const file = made();
    for (const [options, message] of /** @type {[unknown, RegExp][]} */ ([
      [{ overwite: true }, /^saveFiles has no option overwite\. Did you mean overwrite\?$/],
      [{ index_offset: 5 }, /no option index_offset\. Did you mean indexOffset\?$/],
      [{ pattern: 5 }, /^The option pattern of saveFiles must be a string\.$/],
      [{ extension: 5 }, /^The option extension of saveFiles must be a string\.$/],
      [{ extension: "convert" }, /it can be check, content or keep/],
      [{ indexOffset: "5" }, /^The option indexOffset of saveFiles must be a whole number\.$/],
      [{ indexOffset: 1.5 }, /indexOffset/],
      [{ overwrite: "yes" }, /overwrite of saveFiles must be true or false/],
      [{ signal: {} }, /signal of saveFiles/],
      [{ onProgress: 1 }, /onProgress/],
      [{ onFileProgress: {} }, /onFileProgress/],
      [true, /options of saveFiles must be an object/],
    ])) {
      await refuses(saveFiles, [[file], out, options], message);
    }
    assert.equal(file.fetched, 0);
    await assert.rejects(fs.stat(out), { code: "ENOENT" });
    const none = { pattern: null, indexOffset: null, extension: null, overwrite: null, signal: null, onProgress: null };
    await saveFiles([file], path.join(base, "null"), /** @type {any} */ ({ ...none, onFileProgress: null }));
    await saveFiles([file], path.join(base, "null too"), /** @type {any} */ (null));
  });

  test("makes no folder that is called like a file", async () => {
    const out = path.join(base, "twice");
    const args = [[made()], path.join(out, "q.##.png"), { pattern: "p.##.png" }];
    const error = await refuses(saveFiles, args, /makes the target a folder, and `.*q\.##\.png` ends like a file\./);
    assert.deepEqual(error.hint, { option: "pattern", advice: "separate_pattern" });
    await assert.rejects(fs.stat(out), { code: "ENOENT" });
  });
});

describe("writeFile", () => {
  test("makes the folder, and takes a file: URL", async () => {
    await writeFile(path.join(base, "new/dir/w.txt"), "text");
    assert.equal(await fs.readFile(path.join(base, "new/dir/w.txt"), "utf8"), "text");
    await writeFile(pathToFileURL(path.join(base, "url.txt")), new Blob([PNG]).stream());
    assert.deepEqual(new Uint8Array(await fs.readFile(path.join(base, "url.txt"))), PNG);
    const inside = writeFile(path.join(base, "url.txt/w.txt"), "text");
    await assert.rejects(inside, { code: "file", message: /url\.txt: a file is in its place\.$/ });
  });

  test("refuses content that is neither text nor bytes, and says how to make some", async () => {
    const file = path.join(base, "none");
    const api = await Workflow.load(textToImage());
    const wanted = "The content of writeFile must be text, bytes (a Uint8Array) or a stream of bytes, not";
    await refuses(writeFile, [file, api], `${wanted} an object. JSON.stringify(it, null, 2) makes text of it.`);
    await refuses(writeFile, [file, [1, 2]], `${wanted} a list. JSON.stringify(it, null, 2) makes text of it.`);
    await refuses(writeFile, [file, Promise.resolve("x")], `${wanted} a promise. Put await before it.`);
    await refuses(writeFile, [file, new Blob([PNG])], `${wanted} a Blob. Pass its stream().`);
    await refuses(writeFile, [file], `${wanted} undefined.`);
    await refuses(writeFile, [file, "x", { overwite: true }], "writeFile has no option overwite. Did you mean overwrite?");
    await refuses(writeFile, [file, "x", { overwrite: 1 }], /overwrite of writeFile/);
    await refuses(writeFile, [5, "x"], "writeFile wants a path or a file: URL, not a number.");
    await refuses(writeFile, ["", "x"], "writeFile wants a path or a file: URL, not an empty text.");
    await assert.rejects(fs.stat(file), { code: "ENOENT" });
  });
});

describe("loadFile", () => {
  test("takes a file: URL", async () => {
    const file = path.join(base, "prompt.json");
    await fs.writeFile(file, JSON.stringify(textToImage()));
    for (const url of [pathToFileURL(file), String(pathToFileURL(file))]) {
      assert.equal((await loadFile(url)).prompt[9].class_type, "SaveImage");
    }
  });

  test("reads the disk alone, and says what reads the rest", async () => {
    const wanted = "loadFile reads the disk and wants a path or a file: URL, not";
    const rest = "For a URL, bytes or text there is Workflow.load.";
    await refuses(loadFile, ["http://127.0.0.1/w.json"], `${wanted} an address of http:. ${rest}`);
    await refuses(loadFile, [new URL("https://example.org/w.json")], `${wanted} an address of https:. ${rest}`);
    await refuses(loadFile, [Buffer.from("{}")], `${wanted} bytes. ${rest}`);
    await refuses(loadFile, [undefined], `${wanted} undefined. ${rest}`);
  });
});

describe("uploadFile", () => {
  test("takes a file: URL, and the server that the environment names", async () => {
    const server = await startSimulator({ stepMs: 0 });
    const file = path.join(base, "up.png");
    await fs.writeFile(file, PNG);
    process.env.AUTOFLOW_COMFYUI_SERVER_URL = server.url;
    try {
      assert.deepEqual((await uploadFile(file)).map(({ name }) => name), ["up.png"]);
      assert.deepEqual((await uploadFile(pathToFileURL(file), /** @type {any} */ (null))).length, 1);
    } finally {
      delete process.env.AUTOFLOW_COMFYUI_SERVER_URL;
      await server.close();
    }
    await assert.rejects(uploadFile(file), { code: "no_server" });
  });

  test("checks what it is given before it reads the disk", async () => {
    const options = { serverUrl: SERVER };
    const wanted = "uploadFile reads the disk and wants a path or a file: URL, not";
    await refuses(uploadFile, [Buffer.from(PNG), options], `${wanted} bytes. For bytes or a Blob there is uploadImage.`);
    await refuses(uploadFile, ["http://127.0.0.1/a.png", options], new RegExp(`${wanted} an address of http:`));
    const missing = path.join(base, "missing.png");
    await refuses(uploadFile, [missing, { ...options, sub_folder: "x" }], /no option sub_folder\. Did you mean subfolder/);
    await refuses(uploadFile, [missing, { ...options, type: "foo" }], /type of uploadFile must be "input", "temp" or/);
    await refuses(uploadFile, [missing, SERVER], /options of uploadFile must be an object/);
    await refuses(uploadFile, [base, { ...options, name: "a.png" }], /name of uploadFile is for one file, and .* is a folder/);
  });
});

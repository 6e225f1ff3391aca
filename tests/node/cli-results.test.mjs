// @ts-check
// What the command line saves of a run, and what it says of the part that a server refused.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { call, lines } from "./support/command.mjs";

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;

const PICTURE = { class_type: "EmptyImage", inputs: { width: 8, height: 8, batch_size: 1, color: 5 } };
const SAVED = { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "kept" } };
const PROMPTS = {
  "ways.json": {
    1: PICTURE,
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
    3: SAVED,
    "4:1": { class_type: "SaveImageWebsocket", inputs: { images: ["1", 0] } },
  },
  "preview.json": { 1: PICTURE, 2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } } },
  // Half of it names a file that the server does not have.
  "partial.json": {
    1: PICTURE,
    3: SAVED,
    5: { class_type: "LoadImage", inputs: { image: "missing.png" } },
    6: { class_type: "SaveImage", inputs: { images: ["5", 0], filename_prefix: "other" } },
  },
};
const REFUSED = /^autoflow: The server refused an output of the prompt \(node 6\) and runs the rest:\n {2}node 5 \(LoadImage\): .*missing\.png/m;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-cli-results-"));
  server = await startSimulator({ stepMs: 0 });
  for (const [name, prompt] of Object.entries(PROMPTS)) {
    await fs.writeFile(path.join(folder, name), JSON.stringify(prompt));
  }
});
after(async () => {
  await server.close();
  await fs.rm(folder, { recursive: true });
});

let targets = 0;

/**
 * Runs a prompt and saves what it made.
 *
 * @param {string} prompt @param {string[]} args @param {string} [save]
 */
async function saved(prompt, args, save = "--save-images") {
  const target = `out${targets++}`;
  const command = ["--submit", "-i", prompt, "-s", server.url, "--no-progress", save, target, ...args];
  const { code, stdout, stderr } = await call(folder, command);
  const [id, ...files] = lines(stdout);
  assert.match(id, /^[0-9a-f-]{36}$/, stderr);
  for (const file of files) {
    const bytes = await fs.readFile(path.join(folder, file));
    assert.equal(bytes.subarray(1, 4).toString(), "PNG", file);
  }
  return { code, stderr, names: files.map((file) => path.basename(file)) };
}

describe("autoflow saves", { concurrency: 4 }, () => {
  test("what the run saved, pictures over the socket among them, and not its previews", async () => {
    const images = await saved("ways.json", []);
    assert.deepEqual([images.code, images.names], [0, ["frame.000.png", "frame.001.png"]], images.stderr);
    const files = await saved("ways.json", [], "--save-files");
    assert.equal(files.names.length, 2);
    assert.match(files.names.join(" "), /^kept_\d+_\.png 4_1_0\.png$/);
  });

  test("previews where nothing was saved, and with --include-temp", async () => {
    assert.equal((await saved("preview.json", [])).names.length, 1);
    assert.equal((await saved("preview.json", [], "--save-files")).names.length, 1);
    assert.equal((await saved("ways.json", ["--include-temp"])).names.length, 3);
    assert.equal((await saved("ways.json", ["--include-temp"], "--save-files")).names.length, 3);
  });

  test("files of some nodes", async () => {
    assert.equal((await saved("ways.json", ["--output-nodes", "4:1"])).names.length, 1);
    assert.match((await saved("ways.json", ["--output-nodes", "3, 9"], "--save-files")).names.join(), /^kept_/);
    const none = await saved("ways.json", ["--output-nodes", "9"]);
    assert.deepEqual([none.code, none.names], [0, []]);
    assert.match(none.stderr, /the run made no pictures/);
  });

  test("--output-nodes and --include-temp want something to save", async () => {
    for (const flag of [["--output-nodes", "3"], ["--include-temp"]]) {
      const { code, stderr } = await call(folder, ["--submit", "-i", "ways.json", "-s", server.url, ...flag]);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`${flag[0]} needs --save-images or --save-files`));
    }
  });
});

describe("autoflow names the outputs that the server refused", { concurrency: 4 }, () => {
  test("saves the rest, and leaves with 1", async () => {
    const { code, stderr, names } = await saved("partial.json", []);
    assert.deepEqual([code, names], [1, ["frame.000.png"]]);
    assert.match(stderr, REFUSED);
  });

  test("also where it does not wait", async () => {
    const { code, stdout, stderr } = await call(folder, ["--submit", "-i", "partial.json", "-s", server.url, "--no-wait"]);
    assert.deepEqual([code, lines(stdout).length], [1, 1]);
    assert.match(stderr, REFUSED);
  });

  test("and the printed events have them", async () => {
    const { stderr } = await call(folder, ["--submit", "-i", "partial.json", "-s", server.url]);
    const events = lines(stderr).filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const [{ data }] = events.filter(({ type }) => type === "refused");
    assert.deepEqual(data.outputs, ["6"]);
    assert.equal(data.node_errors[5].class_type, "LoadImage");
  });
});

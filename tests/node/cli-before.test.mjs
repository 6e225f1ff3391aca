// @ts-check
// The command line: what can be wrong is found before a server has worked, and said in the words of the command line.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { textToImage } from "../scenarios/prompts.mjs";
import { call, lines } from "./support/command.mjs";

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;

const WORKFLOW = {
  nodes: [
    { id: 1, type: "EmptyImage", outputs: [{ links: [1] }], widgets_values: [64, 32, 2, 255] },
    { id: 2, type: "SaveImage", inputs: [{ name: "images", link: 1 }], widgets_values: ["tiny"] },
    { id: 3, type: "FromNowhere", widgets_values: [] },
  ],
  links: [[1, 1, 0, 2, 0, "IMAGE"]],
};

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-before-"));
  server = await startSimulator({ stepMs: 0 });
  const write = (/** @type {string} */ name, /** @type {unknown} */ json) =>
    fs.writeFile(path.join(folder, name), JSON.stringify(json));
  await write("prompt.json", textToImage());
  await write("workflow.json", WORKFLOW);
  await write("list.json", [1]);
  await write("a.png.json", textToImage({ seed: 3 }));
  await fs.mkdir(path.join(folder, "taken"));
  await write("taken/frame.001.png", "mine");
  await write("file", "mine");
});
after(async () => {
  await server.close();
  await fs.rm(folder, { recursive: true });
});

/** @param {string[]} args @param {Record<string, string>} [env] */
const autoflow = (args, env) => call(folder, args, { env });

function submitted() {
  return server.requests.filter(({ method, url }) => method === "POST" && url.endsWith("/prompt")).length;
}

describe("before anything is submitted", () => {
  /** Arguments after `--submit -s URL`, the exit code, what is said. @type {[string, string[], number, RegExp][]} */
  const WRONG = [
    ["a name that is taken", ["prompt.json", "--save-images", "taken", "--index-offset", "1"], 1, /taken.frame\.001\.png exists already\. .*--overwrite\.$/],
    ["a name that the second input would take", ["prompt.json", "a.png.json", "--save-images", "taken"], 1, /frame\.001\.png exists already/],
    ["one name for several inputs", ["prompt.json", "a.png.json", "--save-images", "one", "--filepattern", "p.png"], 2, /one name for 2 files/],
    ["a second input that there is not", ["-i", "prompt.json", "-i", "nope.json"], 2, /there is no file nope\.json/],
    ["a second input that is none", ["prompt.json", "list.json"], 2, /^autoflow: list\.json: This is a JSON list/],
    ["an extension that no picture will have", ["prompt.json", "--save-images", "p", "--filepattern", "x.##.jpg"], 2, /`x\.##\.jpg` does not fit node 9 \(SaveImage\), which makes png, and nothing is converted here; end it in `\.png` or in `\.\{ext\}`\.$/],
    ["a folder that is called like a file", ["prompt.json", "--save-images", "p/x.##.png"], 2, /`p\/x\.##\.png` ends like a file\. --save-images takes a folder; .* --filepattern\.$/],
    ["a file in the place of the folder", ["prompt.json", "--save-images", "file"], 1, /Could not write file: a file is in its place\.$/],
    ["a wrong pattern of --save-files", ["prompt.json", "--save-files", "p/{nope}.png"], 2, /\{stem\}/],
    ["kinds that there are not", ["prompt.json", "--save-files", "p", "--output-types", "images,foo"], 2, /There are no files of the kind foo\. The kinds are image, video, audio, text, 3d, latent, file\.$/],
    ["--filepattern for --save-files", ["prompt.json", "--save-files", "p", "--filepattern", "#.png"], 2, /--filepattern names pictures: it needs --save-images$/m],
    ["--index-offset for --save-files", ["prompt.json", "--save-files", "p", "--index-offset", "5"], 2, /--index-offset counts pictures: it needs --save-images$/m],
    ["--output-path", ["prompt.json", "-o", "x.json"], 2, /leave it or --submit out$/m],
    ["a flag that is misspelt", ["prompt.json", "--save-image", "p"], 2, /Unknown option '--save-image'\. Did you mean --save-images\?$/m],
    ["a flag that is cut short", ["prompt.json", "--server", "p"], 2, /Did you mean --server-url\?$/m],
  ];
  for (const [what, args, code, said] of WRONG) {
    test(`${what} is found`, async () => {
      const before = submitted();
      const result = await autoflow(["--submit", "-s", server.url, "--no-progress", ...args]);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr.trim(), said);
      assert.equal(result.stdout, "");
      assert.equal(submitted(), before);
    });
  }
});

describe("messages of the command line", () => {
  test("a workflow without schema asks for flags", async () => {
    const { code, stderr } = await autoflow(["-i", "workflow.json"]);
    assert.equal(code, 2);
    assert.match(stderr, /needs the schema of its nodes\. Pass --object-info-path FILE, or --server-url URL/);
  });

  test("a type that is unknown is refused, and left out with --allow-unknown", async () => {
    const args = ["-i", "workflow.json", "-o", "known/prompt.json", "-s", server.url];
    const refused = await autoflow(args);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /FromNowhere \(node 3\)\. .*--allow-unknown to go on without them\.\n$/);
    const { code, stderr } = await autoflow([...args, "--allow-unknown"]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "autoflow: node 3 (FromNowhere) is left out: its type is unknown\n");
    const prompt = JSON.parse(await fs.readFile(path.join(folder, "known/prompt.json"), "utf8"));
    assert.deepEqual(Object.keys(prompt), ["1", "2"]);
  });

  test("a key that the server wants is a variable", async () => {
    const locked = await startSimulator({ stepMs: 0, faults: { failRequests: { route: "POST /prompt", how: { status: 401, body: "" } } } });
    try {
      const { stderr } = await autoflow(["--submit", "prompt.json", "-s", locked.url, "--no-progress"]);
      assert.match(stderr, /\(401\)\. Put a login into the server URL: /);
      assert.doesNotMatch(stderr, /apiKey|headers/);
    } finally {
      await locked.close();
    }
  });

  test("a wait that takes too long names the run", async () => {
    const slow = await startSimulator({ stepMs: 10_000 });
    try {
      const args = ["--submit", "prompt.json", "-s", slow.url, "--no-progress"];
      const { code, stdout, stderr } = await autoflow(args, { AUTOFLOW_WAIT_TIMEOUT_S: "0.3" });
      assert.equal(code, 1);
      const [id] = lines(stdout);
      assert.equal(stderr, `autoflow: The run did not end within the wait timeout; it goes on. Its id there is ${id}.\n`);
    } finally {
      await slow.close();
    }
  });

  test("a run without such files says so", async () => {
    const args = ["--submit", "prompt.json", "-s", server.url, "--no-progress", "--save-files", "films"];
    const { code, stderr } = await autoflow([...args, "--output-types", "video,audio"]);
    assert.deepEqual([code, stderr], [0, "autoflow: the run made no files of video, audio\n"]);
  });
});

describe("folders", () => {
  test("are made for whatever is written", async () => {
    const download = await autoflow(["--download-object-info-path", "x/y.json", "-s", server.url]);
    assert.deepEqual([download.code, download.stdout], [0, "x/y.json\n"], download.stderr);
    const named = await autoflow(["prompt.json", "-o", "nodir/p.json"]);
    assert.deepEqual([named.code, named.stdout], [0, "nodir/p.json\n"], named.stderr);
    const inside = await autoflow(["prompt.json", "-o", "newdir/"]);
    assert.deepEqual(inside.stdout, `${path.join("newdir", "prompt-api.json")}\n`, inside.stderr);
    const byDefault = await autoflow(["prompt.json"], { AUTOFLOW_OUTPUT_PATH: "envout" });
    assert.deepEqual(byDefault.stdout, `${path.join("envout", "workflow-api.json")}\n`, byDefault.stderr);
  });

  test("do not take two prompts of one name", async () => {
    await fs.mkdir(path.join(folder, "other"));
    await fs.copyFile(path.join(folder, "prompt.json"), path.join(folder, "other/prompt.json"));
    const { code, stderr } = await autoflow(["prompt.json", "other/prompt.json", "-o", "both"]);
    assert.equal(code, 2);
    assert.match(stderr, /two inputs would both become both.prompt-api\.json/);
    await assert.rejects(fs.stat(path.join(folder, "both")), { code: "ENOENT" });
  });

  test("get no prompt where one of several inputs is wrong", async () => {
    const { code } = await autoflow(["prompt.json", "nope.json", "-o", "some"]);
    assert.equal(code, 2);
    await assert.rejects(fs.stat(path.join(folder, "some")), { code: "ENOENT" });
  });
});

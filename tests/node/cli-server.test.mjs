// @ts-check
// The command line with a whole server: inputs by name, seeds, repetition, several servers, and the subcommands.
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
/** @type {Awaited<ReturnType<typeof startSimulator>>[]} */
let servers;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-cli-server-"));
  servers = await Promise.all([startSimulator({ stepMs: 0 }), startSimulator({ stepMs: 0 })]);
  const nodes = /** @type {any} */ (textToImage({ seed: 5 }));
  nodes[6]._meta = { title: "Positive prompt" };
  await fs.writeFile(path.join(folder, "prompt.json"), JSON.stringify(nodes));
  const loader = { 1: { class_type: "LoadImage", inputs: { image: "x.png" } }, 2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } } };
  await fs.writeFile(path.join(folder, "loader.json"), JSON.stringify(loader));
  await fs.mkdir(path.join(folder, "two"));
  for (const name of ["a.json", "b.json"]) await fs.copyFile(path.join(folder, "prompt.json"), path.join(folder, "two", name));
});
after(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await fs.rm(folder, { recursive: true });
});

/** @param {string[]} args */
const run = (...args) => call(folder, args);

/** The prompts that a server was sent since the last look. @param {number} at */
function sent(at) {
  const posts = servers[at].requests.filter(({ route }) => route === "POST /prompt");
  const prompts = posts.map(({ body }) => body.prompt);
  servers[at].requests.length = 0;
  return prompts;
}

describe("inputs", () => {
  test("--set changes inputs by title, class and link; what is no text is JSON", async () => {
    const { code, stderr } = await run(
      ...["--submit", "-i", "prompt.json", "-s", servers[0].url, "--no-progress", "--set", "Positive prompt.text=a=b @home"],
      ...["--set", "KSampler.steps=2", "--set", "KSampler.negative.text=@@handle"],
    );
    assert.equal(code, 0, stderr);
    const [prompt] = sent(0);
    assert.deepEqual([prompt[6].inputs.text, prompt[3].inputs.steps, prompt[7].inputs.text], ["a=b @home", 2, "@handle"]);
  });

  test("--set with @FILE uploads it", async () => {
    await fs.writeFile(path.join(folder, "cat.png"), "picture");
    const args = ["--submit", "--no-wait", "-i", "loader.json", "-s", servers[0].url, "--set", "LoadImage.image=@cat.png"];
    const { code, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    assert.equal(sent(0)[0][1].inputs.image, "cat.png");
  });

  test("a wrong --set is wrong usage, before anything is sent", async () => {
    for (const [set, message] of /** @type {[string, RegExp][]} */ ([
      ["KSampler.stepps=2", /Did you mean "steps"/],
      ["KSampler.steps=many", /must be JSON/],
      ["KSampler.steps", /NODE\.INPUT=VALUE/],
    ])) {
      const { code, stderr } = await run("--submit", "-i", "prompt.json", "-s", servers[0].url, "--set", set);
      assert.deepEqual([code, sent(0)], [2, []], stderr);
      assert.match(stderr, message);
    }
  });

  test("--seed and --repeat choose seeds and tell them", async () => {
    const args = ["--submit", "-i", "prompt.json", "-s", servers[0].url, "--no-progress"];
    const repeated = await run(...args, "--repeat", "3");
    const seeds = sent(0).map((prompt) => prompt[3].inputs.seed);
    assert.equal(seeds[0], 5, "the first has the seed of the prompt");
    assert.equal(new Set(seeds).size, 3);
    for (const seed of seeds) assert.ok(repeated.stderr.includes(`seeds: 3.seed=${seed}`), repeated.stderr);
    assert.equal(lines(repeated.stdout).length, 3);
    await run(...args, "--repeat", "2", "--seed", "77");
    assert.deepEqual(sent(0).map((prompt) => prompt[3].inputs.seed), [77, 77]);
    await run(...args, "--seed", "random");
    assert.notEqual(sent(0)[0][3].inputs.seed, 5);
    const converted = await run("-i", "prompt.json", "-o", "-", "--seed", "9", "--set", "KSampler.steps=3");
    const { seed, steps } = JSON.parse(converted.stdout)[3].inputs;
    assert.deepEqual([seed, steps], [9, 3]);
  });

  test("a folder stands for each workflow in it", async () => {
    const { code, stdout, stderr } = await run("--submit", "-i", "two", "-s", servers[0].url, "--no-progress");
    assert.equal(code, 0, stderr);
    assert.deepEqual([lines(stdout).length, sent(0).length], [2, 2]);
  });
});

describe("servers", () => {
  test("several servers share the runs, and the pictures are saved in order", async () => {
    const urls = servers.flatMap(({ url }) => ["-s", url]);
    const { code, stdout, stderr } = await run("--submit", "-i", "prompt.json", ...urls, "--repeat", "6", "--save-images", "many", "--no-progress");
    assert.equal(code, 0, stderr);
    const paths = lines(stdout).filter((line) => line.endsWith(".png"));
    assert.deepEqual(paths.map((file) => path.basename(file)), Array.from({ length: 6 }, (_, at) => `frame.00${at}.png`));
    const [one, other] = [sent(0).length, sent(1).length];
    assert.ok(one > 0 && other > 0 && one + other === 6, `${one} and ${other}`);
  });

  test("--wait-for-server waits, and says when nobody came", async () => {
    const ready = await run("--submit", "-i", "prompt.json", "-s", servers[0].url, "--wait-for-server", "5", "--no-progress");
    assert.equal(ready.code, 0, ready.stderr);
    const { code, stderr } = await run("--submit", "-i", "prompt.json", "-s", "http://127.0.0.1:9", "--wait-for-server", "0.2");
    assert.equal(code, 1);
    assert.match(stderr, /Could not reach ComfyUI/);
  });
});

describe("subcommands", () => {
  test("queue, history, models and stats print a table, and JSON with --json", async () => {
    const server = ["-s", servers[0].url];
    const history = await run("history", "--limit", "2", ...server);
    assert.match(history.stdout, /^ENDED +STATUS +PROMPT ID +TIME +FILES\n.* completed .* s +1\n/);
    const runs = JSON.parse((await run("history", "--json", "--limit", "1", ...server)).stdout);
    assert.deepEqual([runs.length, runs[0].status, runs[0].files.length], [1, "completed", 1]);
    assert.match((await run("queue", ...server)).stdout, /^nothing runs or waits\n$/);
    assert.deepEqual(JSON.parse((await run("queue", "--json", ...server)).stdout), { running: [], pending: [] });
    assert.match((await run("models", ...server)).stdout, /^checkpoints$/m);
    assert.match((await run("models", "checkpoints", ...server)).stdout, /\.safetensors$/m);
    assert.match((await run("stats", ...server)).stdout, /^ComfyUI +0\.33\.0$/m);
    const free = await run("free", "--keep-models", ...server);
    assert.deepEqual([free.code, servers[0].requests.at(-1)?.body], [0, { unload_models: false, free_memory: true }]);
  });

  test("cancel stops what runs, and fails for what is not there", async () => {
    servers[1].pause();
    const { stdout } = await run("--submit", "--no-wait", "-i", "prompt.json", "-s", servers[1].url);
    const [id] = lines(stdout);
    const queue = await run("queue", "-s", servers[1].url);
    assert.match(queue.stdout, new RegExp(`^ *1 +${id} +7 +[0-9a-f-]{36}$`, "m"));
    const cancelled = await run("cancel", id, "-s", servers[1].url);
    assert.deepEqual([cancelled.code, cancelled.stdout], [0, `${id}  cancelled\n`]);
    const again = await run("cancel", id, "--json", "-s", servers[1].url);
    assert.deepEqual([again.code, JSON.parse(again.stdout)], [1, [{ promptId: id, cancelled: false }]]);
    servers[1].resume();
  });

  test("each has its help, and what is misspelt gets the nearest", async () => {
    for (const name of ["queue", "history", "models", "stats", "cancel", "free", "types"]) {
      const { code, stdout } = await run(name, "--help");
      assert.equal(code, 0);
      assert.ok(stdout.startsWith(`npx comfyui-autoflow ${name}`), stdout);
      assert.ok(stdout.split("\n").every((line) => line.length <= 80 || name === "types"), stdout);
    }
    for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
      [["history", "--limitt", "3"], /Did you mean --limit\?/],
      [["quue"], /Did you mean the subcommand queue\?/],
      [["queue", "extra"], /queue takes no "extra"/],
      [["cancel"], /ids of prompts/],
      [["models", "chekpoints", "-s", servers[0].url], /no folder of models/],
    ])) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  test("types writes declarations of the server's node classes", async () => {
    const { code, stderr } = await run("types", "-s", servers[0].url, "-o", "nodes.d.ts");
    assert.equal(code, 0, stderr);
    const text = await fs.readFile(path.join(folder, "nodes.d.ts"), "utf8");
    assert.match(text, /^export interface Nodes \{$/m);
    assert.match(text, /^ {2}KSampler: \{\n {4}model: Link;$/m);
    assert.match(text, /^ {4}seed: number \| Link;$/m);
  });
});

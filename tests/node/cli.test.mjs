// @ts-check
// The command line as a user calls it, against a simulated server.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startSimulator } from "comfyui-autoflow/testing";
import { textToImage } from "../scenarios/prompts.mjs";
import { CLI, ENVIRONMENT, call, lines } from "./support/command.mjs";

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-cli-"));
  server = await startSimulator({ stepMs: 0 });
  await fs.writeFile(path.join(folder, "prompt.json"), JSON.stringify(textToImage()));
  await fs.mkdir(path.join(folder, "empty"));
});
after(async () => {
  await server.close();
  await fs.rm(folder, { recursive: true });
});

/** @type {(args: string[], options?: Parameters<typeof call>[2]) => ReturnType<typeof call>} */
const autoflow = (args, options) => call(folder, args, options);

describe("autoflow", { concurrency: 4 }, () => {
  test("submits, and prints the prompt id and the path of each picture, and nothing else", async () => {
    // A seed of its own: nothing of it is cached.
    await fs.writeFile(path.join(folder, "first.json"), JSON.stringify(textToImage({ seed: 99 })));
    const args = ["--submit", "--input-path", "first.json", "--server-url", server.url];
    const { code, stdout, stderr } = await autoflow([...args, "--save-images", "out", "--filepattern", "frame.###.png"]);
    assert.equal(code, 0, stderr);
    const [id, file, ...more] = lines(stdout);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([file, ...more], [path.join("out", "frame.000.png")]);
    assert.equal((await fs.readFile(path.join(folder, file))).subarray(1, 4).toString(), "PNG");
    const events = lines(stderr).map((line) => JSON.parse(line));
    assert.equal(events[0].type, "submitted");
    assert.equal(events.at(-1).type, "completed");
    assert.ok(events.some((event) => event.type === "progress"), "live progress");
  });

  test("--no-progress says nothing on standard error", async () => {
    const { code, stderr } = await autoflow(["--submit", "-i", "prompt.json", "-s", server.url, "--no-progress"]);
    assert.deepEqual([code, stderr], [0, ""]);
  });

  test("--no-wait prints the prompt id and leaves", async () => {
    const { code, stdout } = await autoflow(["--submit", "-i", "prompt.json", "-s", server.url, "--no-wait"]);
    assert.equal(code, 0);
    assert.equal(lines(stdout).length, 1);
  });

  test("several inputs go on with the index, and the environment names the server", async () => {
    await fs.writeFile(path.join(folder, "second.json"), JSON.stringify(textToImage({ seed: 2 })));
    const { code, stdout, stderr } = await autoflow(
      ["--submit", "prompt.json", "second.json", "--save-images", "several", "--index-offset", "1001", "--no-progress"],
      { env: { AUTOFLOW_COMFYUI_SERVER_URL: server.url } },
    );
    assert.equal(code, 0, stderr);
    const files = lines(stdout).filter((line) => line.endsWith(".png"));
    assert.deepEqual(files, ["frame.1001.png", "frame.1002.png"].map((name) => path.join("several", name)));
  });

  test("a file that exists is not replaced unless asked for", async () => {
    await fs.mkdir(path.join(folder, "taken"));
    await fs.writeFile(path.join(folder, "taken", "frame.000.png"), "mine");
    const args = ["--submit", "-i", "prompt.json", "-s", server.url, "--no-progress", "--save-images", "taken"];
    const refused = await autoflow(args);
    assert.equal(refused.code, 1);
    const said = `autoflow: ${path.join("taken", "frame.000.png")} exists already. Choose another name, or pass --overwrite.\n`;
    assert.deepEqual([refused.stdout, refused.stderr], ["", said]);
    assert.equal(await fs.readFile(path.join(folder, "taken", "frame.000.png"), "utf8"), "mine");
    assert.equal((await autoflow([...args, "--overwrite"])).code, 0);
    assert.notEqual(await fs.readFile(path.join(folder, "taken", "frame.000.png"), "utf8"), "mine");
  });

  test("standard input is an input, and a picture carries its own prompt", async () => {
    const args = ["--submit", "-i", "prompt.json", "-s", server.url, "--no-progress", "--save-images", "carried"];
    const saved = await autoflow(args);
    const picture = await fs.readFile(path.join(folder, lines(saved.stdout)[1]));
    const { code, stdout, stderr } = await autoflow(["-i", "-", "-o", "-"], { input: picture });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(textToImage())));
  });

  test("downloads the object info, and converts without a server", async () => {
    const download = await autoflow(["--download-object-info-path", "info.json", "--server-url", server.url]);
    assert.deepEqual([download.code, download.stdout], [0, "info.json\n"], download.stderr);
    const workflow = {
      nodes: [
        { id: 1, type: "EmptyImage", outputs: [{ links: [1] }], widgets_values: [64, 32, 2, 255] },
        { id: 2, type: "SaveImage", inputs: [{ name: "images", link: 1 }], widgets_values: ["tiny"] },
      ],
      links: [[1, 1, 0, 2, 0, "IMAGE"]],
    };
    await fs.writeFile(path.join(folder, "workflow.json"), JSON.stringify(workflow));
    const { code, stdout, stderr } = await autoflow(["-i", "workflow.json", "-o", "api.json", "-f", "info.json"]);
    assert.deepEqual([code, stdout, stderr], [0, "api.json\n", ""]);
    const prompt = JSON.parse(await fs.readFile(path.join(folder, "api.json"), "utf8"));
    assert.deepEqual(prompt[2].inputs, { filename_prefix: "tiny", images: ["1", 0] });
    assert.deepEqual(prompt[1].inputs, { width: 64, height: 32, batch_size: 2, color: 255 });
  });

  test("a seed above 2 ** 53 keeps its digits, in the prompt that is written and in the one that is sent", async () => {
    const seed = "18446744073709551557";
    await fs.writeFile(path.join(folder, "large.json"), JSON.stringify(textToImage({ seed: 4711 })).replace("4711", seed));
    const { code, stdout, stderr } = await autoflow(["-i", "large.json", "-o", "-"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`"seed": ${seed},`));
    await fs.writeFile(path.join(folder, "again.json"), stdout);
    const again = await autoflow(["-i", "again.json", "-o", "-"]);
    assert.equal(again.stdout, stdout);
  });

  test("a folder that takes no entries is refused at once", { skip: process.platform !== "linux" }, async () => {
    const script = `import { saveFiles, writeFile } from "comfyui-autoflow/node";
      for (const write of [() => saveFiles([], "/proc/x"), () => writeFile("/proc/x/deeper/prompt.json", "")]) {
        await write().catch(({ code, message }) => console.log(code, message));
      }`;
    // A process of its own, which can be ended: a file operation that never ends holds its own process for ever.
    const args = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000, killSignal: "SIGKILL" });
    assert.deepEqual(
      lines(stdout).map((line) => line.slice(0, 28)),
      ["file Could not write /proc/x", "file Could not write /proc/x"],
    );
  });

  test("folders are made as deep as they are asked for", async () => {
    const target = path.join("deep", "er", "prompt.json");
    assert.equal((await autoflow(["-i", "prompt.json", "-o", target])).code, 0);
    assert.equal((await autoflow(["-i", "prompt.json", "-o", target])).code, 0);
    const { stderr } = await autoflow(["-i", "prompt.json", "-o", path.join(target, "x", "prompt.json")]);
    assert.match(stderr, /a part of its path is a file, not a folder/);
  });

  test("a failed run is exit code 1 and names node and message", async () => {
    const failing = await startSimulator({ stepMs: 0, faults: { failNode: { classType: "KSampler", message: "boom" } } });
    try {
      const { code, stderr } = await autoflow(["--submit", "-i", "prompt.json", "-s", failing.url, "--no-progress"]);
      assert.equal(code, 1);
      assert.match(stderr, /^autoflow: Node 3 \(KSampler\) failed: boom\n$/);
    } finally {
      await failing.close();
    }
  });

  for (const [what, args, advice] of /** @type {[string, string[], RegExp][]} */ ([
    ["no input", ["--submit"], /--input-path/],
    ["an unknown flag", ["--sumbit"], /--sumbit/],
    ["a missing file", ["-i", "nowhere.json"], /no file nowhere\.json/],
    ["a folder without a workflow", ["-i", "empty"], /no workflow in it/],
    ["no server", ["--submit", "-i", "prompt.json"], /--server-url/],
    ["saving without submitting", ["-i", "prompt.json", "--save-images", "x"], /--submit/],
    ["a wrong index", ["-i", "prompt.json", "--index-offset", "one"], /whole number/],
    ["a wrong pattern", ["--submit", "-i", "prompt.json", "-s", "SERVER", "--save-images", "p", "--filepattern", "{nope}"], /\{stem\}/],
  ])) {
    test(`${what} is exit code 2, with advice`, async () => {
      const { code, stdout, stderr } = await autoflow(args.map((arg) => (arg === "SERVER" ? server.url : arg)));
      assert.equal(code, 2, stderr);
      assert.match(stderr, advice);
      assert.equal(lines(stdout).filter((line) => !/^[0-9a-f-]{36}$/.test(line)).length, 0);
    });
  }

  test("a dead server is exit code 1", async () => {
    const { code, stderr } = await autoflow(["--submit", "-i", "prompt.json", "-s", "http://127.0.0.1:9"]);
    assert.equal(code, 1);
    assert.match(stderr, /Could not reach ComfyUI at http:\/\/127\.0\.0\.1:9/);
  });

  for (const [what, signal] of /** @type {const} */ ([
    ["Ctrl-C", "SIGINT"],
    ["a request to end", "SIGTERM"],
    ["a terminal that is closed", "SIGHUP"],
  ])) {
    test(`${what} cancels the run on the server, then exits with 130`, async () => {
      const slow = await startSimulator({ stepMs: 10_000 });
      try {
        const interrupted = slow.waitFor("prompt_done");
        const { code, stderr } = await autoflow(["--submit", "-i", "prompt.json", "-s", slow.url, "--no-progress"], {
          onStdout: (text, child) => lines(text).length === 1 && child.kill(signal),
        });
        assert.equal(code, 130, stderr);
        assert.match(stderr, /interrupted/);
        assert.equal((await interrupted).status, "error");
        assert.equal(slow.socketCount(), 0);
      } finally {
        await slow.close();
      }
    });
  }

  test("a reader that leaves ends the command without a word, and cancels the run", async () => {
    const slow = await startSimulator({ stepMs: 20 });
    try {
      await fs.writeFile(path.join(folder, "long.json"), JSON.stringify(textToImage({ seed: 77, steps: 10_000 })));
      const interrupted = slow.waitFor("prompt_done");
      const command = `"${process.execPath}" "${CLI}" --submit long.json -s ${slow.url} 2>&1 | head -1`;
      const shell = spawn("sh", ["-c", command], { cwd: folder, env: ENVIRONMENT });
      const said = { stdout: "", stderr: "" };
      shell.stdout.on("data", (text) => (said.stdout += text));
      shell.stderr.on("data", (text) => (said.stderr += text));
      await new Promise((resolve) => shell.once("close", resolve));
      assert.equal(lines(said.stdout).length, 1, said.stdout);
      assert.equal(said.stderr, "");
      assert.equal((await interrupted).status, "error");
    } finally {
      await slow.close();
    }
  });

  test("--help and --version tell what they are asked", async () => {
    const help = await autoflow(["--help"]);
    assert.equal(help.code, 0);
    for (const line of lines(help.stdout)) assert.ok(line.length <= 120, `too wide: ${line}`);
    assert.match((await autoflow(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

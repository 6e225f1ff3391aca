// @ts-check
// Every example of README and guides that is marked `js test` runs, and so does each line of JavaScript in the tables of
// docs/python.md, against a simulated server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { root, target } from "../../scripts/paths.mjs";
import { textToImage } from "../scenarios/prompts.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

const folder = path.join(target, "docs");
const ADDRESS = "http://127.0.0.1:8188";

/** A workflow of the editor whose nodes are the simulator's. */
const WORKFLOW = {
  nodes: [
    { id: 3, type: "KSampler", inputs: inputs("model", "positive", "negative", "latent_image"), widgets_values: [7, "fixed", 2, 8, "euler", "normal", 1] },
    { id: 4, type: "CheckpointLoaderSimple", widgets_values: ["model.safetensors"] },
    { id: 5, type: "EmptyLatentImage", widgets_values: [64, 64, 1] },
    { id: 6, type: "CLIPTextEncode", inputs: [{ name: "clip", link: 5 }], widgets_values: ["a lighthouse"] },
    { id: 7, type: "CLIPTextEncode", inputs: [{ name: "clip", link: 6 }], widgets_values: ["blurry"] },
    { id: 8, type: "VAEDecode", inputs: [{ name: "samples", link: 7 }, { name: "vae", link: 8 }] },
    { id: 9, type: "SaveImage", title: "Save Image", inputs: [{ name: "images", link: 9 }], widgets_values: ["docs"] },
  ],
  links: [
    [1, 4, 0, 3, 0, "MODEL"],
    [2, 6, 0, 3, 1, "CONDITIONING"],
    [3, 7, 0, 3, 2, "CONDITIONING"],
    [4, 5, 0, 3, 3, "LATENT"],
    [5, 4, 1, 6, 0, "CLIP"],
    [6, 4, 1, 7, 0, "CLIP"],
    [7, 3, 0, 8, 0, "LATENT"],
    [8, 4, 2, 8, 1, "VAE"],
    [9, 8, 0, 9, 0, "IMAGE"],
  ],
};

/** @param {string[]} names */
function inputs(...names) {
  return names.map((name, at) => ({ name, link: at + 1 }));
}

/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;

before(async () => {
  server = await startSimulator({ stepMs: 0 });
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, "workflow.json"), JSON.stringify(WORKFLOW));
  // What the examples take for granted.
  const objectInfo = await (await fetch(`${server.url}/object_info`)).text();
  const prompt = textToImage({ steps: 2 });
  const file = new File([JSON.stringify(WORKFLOW)], "workflow.json");
  const element = {};
  Object.assign(globalThis, { workflow: WORKFLOW, objectInfo, prompt, file, bar: element, state: element, url: server.url });
  Object.assign(globalThis, { showPicture: () => {}, sessionStorage: {} });
});
after(() => server.close());

/**
 * Runs code as a module of its own, in the folder with workflow.json.
 *
 * @param {string} name
 * @param {string} code
 */
async function runModule(name, code) {
  const file = path.join(folder, `${name}.mjs`);
  await fs.writeFile(file, code.replaceAll(ADDRESS, server.url).replaceAll("console.log(", "void ("));
  const before = process.cwd();
  process.chdir(folder);
  try {
    await import(`${pathToFileURL(file)}?${Date.now()}`);
  } finally {
    process.chdir(before);
  }
}

const documents = ["README.md", ...(await fs.readdir(path.join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
const texts = new Map(
  await Promise.all(documents.map(async (name) => /** @type {[string, string]} */ ([name, await fs.readFile(path.join(root, name), "utf8")]))),
);

// One after the other: they share a working directory.
describe("examples of the documentation", () => {
  for (const [name, text] of texts) {
    for (const [at, [, code]] of [...text.matchAll(/^```js test.*\n([^]*?)^```$/gm)].entries()) {
      test(`${name}, example ${at + 1}`, () => runModule(`${name.replaceAll(/\W/g, "-")}-${at + 1}`, code));
    }
  }

  test("each line of docs/python.md", async () => {
    const text = texts.get("docs/python.md") ?? "";
    const imports = [...text.matchAll(/^import .*$/gm)].map(([line]) => line);
    const lines = [...text.matchAll(/^\| `[^|]*\| `(.*)` \|$/gm)]
      .map(([, line]) => line)
      // Only what is a statement: words beside the code and the command line are not.
      .filter((line) => !line.includes("`") && !line.startsWith("autoflow ") && !line.startsWith("event."));
    assert.ok(lines.length > 25, `only ${lines.length} lines were found`);
    const saved = 'await saveFiles(images, "ComfyUI_00001_.png", { overwrite: true });';
    const body = lines.map((line) => line + ";");
    // The picture that one of the first lines loads has to be there, and data is any of the three forms.
    const first = `const api0 = await loadFile("workflow.json", { serverUrl: url }); const run0 = await api0.submit({ serverUrl: url, wait: true }); { const images = await run0.fetchImages(); ${saved} } const data = JSON.stringify(workflow);`;
    await runModule("python", [...imports, first, ...body].join("\n"));
  });

  test("docs/node.md, the example of an interruption cancels the run on the server", async () => {
    const [, code] = /^## Interrupting\n+```js\n([^]*?)^```$/m.exec(texts.get("docs/node.md") ?? "") ?? [];
    const slow = await startSimulator({ stepMs: 10_000 });
    try {
      const file = path.join(folder, "interrupting.mjs");
      const prompt = `globalThis.prompt = ${JSON.stringify(textToImage({ seed: 5 }))};\n`;
      await fs.writeFile(file, prompt + code.replaceAll(ADDRESS, slow.url));
      const [begun, done] = [slow.waitFor("prompt_queued"), slow.waitFor("prompt_done")];
      const child = spawn(process.execPath, [file], { stdio: "inherit" });
      const closed = new Promise((resolve) => child.once("close", resolve));
      await begun;
      child.kill("SIGINT");
      assert.equal((await done).status, "error");
      assert.equal(await closed, 130);
    } finally {
      await slow.close();
    }
  });

  test("every link between the documents leads to one", () => {
    for (const [name, text] of texts) {
      for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const file = path.posix.join(path.posix.dirname(name), link);
        assert.ok(existsSync(path.join(root, file)), `${name} links to ${link}`);
      }
    }
  });
});

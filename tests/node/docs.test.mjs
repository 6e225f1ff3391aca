// @ts-check
// The examples of README and guides against a simulated server. What stands behind the language of an example says how it
// is tried: `test` alone runs it as a module (js, ts) or as commands (sh); another word names the test below that plays
// what it needs; `file=NAME` puts it into a project; `event=TYPE` is an event. All are read, at least. So does each line
// of JavaScript in the tables of docs/python.md run.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Submission, submit } from "comfyui-autoflow";
import { startSimulator } from "comfyui-autoflow/testing";
import { transform } from "esbuild";
import { build, createServer } from "vite";
import { WebSocket } from "ws";
import { nodeModules, pkg, root, target } from "../../scripts/paths.mjs";
import { textToImage } from "../scenarios/prompts.mjs";
import { WORKFLOW } from "./support/docs-workflow.mjs";
import { documents, examples, filesOf, marked, texts } from "./support/documents.mjs";
import { fakeElement, fakePage } from "./support/fake-page.mjs";
import { OTHER_CLIENTS } from "./support/other-clients.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);
const run = promisify(execFile);

const folder = path.join(target, "docs");
const ADDRESS = "http://127.0.0.1:8188";

/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;
const prompt = textToImage({ steps: 2 });

before(async () => {
  server = await startSimulator({ stepMs: 0 });
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(path.join(folder, "workflow.json"), JSON.stringify(WORKFLOW));
  // What the examples take for granted.
  const objectInfo = await (await fetch(`${server.url}/object_info`)).text();
  Object.assign(globalThis, { workflow: WORKFLOW, objectInfo, prompt, url: server.url, sessionStorage: {} });
});
after(() => server.close());

/**
 * Runs code as a module of its own, in the folder with workflow.json.
 *
 * @param {string} name
 * @param {string} code
 * @returns {Promise<any>} its exports
 */
async function runModule(name, code) {
  const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.mjs`);
  const local = code.replaceAll(ADDRESS, server.url).replaceAll("http://gpu-machine:8188", server.url);
  await fs.writeFile(file, local.replaceAll("console.log(", "void ("));
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await import(`${pathToFileURL(file)}?${Date.now()}`);
  } finally {
    process.chdir(before);
  }
}

/** How often a prompt was sent. */
const submissions = () => server.requests.filter(({ method, path }) => method === "POST" && path === "/prompt").length;

/** @param {() => boolean} holds @param {string} what */
async function until(holds, what) {
  for (const end = Date.now() + 20_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 5))) {
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
  }
}

// One after the other: they share a working directory.
describe("examples of the documentation", () => {
  for (const example of examples) {
    const { name, language, words, code } = example;
    test(`${name} can be read`, async () => {
      if (["js", "ts", "tsx"].includes(language)) await transform(code, { loader: /** @type {"js" | "ts" | "tsx"} */ (language) });
      else if (language === "json") JSON.parse(code);
      else assert.ok(["sh", "html", "mermaid"].includes(language), language);
    });
    if (words[0] !== "test") continue;
    if (language === "js" && [undefined, "node"].includes(words[1])) test(`${name} runs`, () => runModule(name, code));
    if (language === "ts") test(`${name} runs`, async () => runModule(name, (await transform(code, { loader: "ts" })).code));
    if (language === "sh") test(`${name} runs`, () => runCommands(code));
  }

  for (const { name, code } of marked("js", "test", "page")) {
    test(`${name} runs a workflow that is chosen in the page`, async () => {
      const page = fakePage({ input: { files: [new File([JSON.stringify(WORKFLOW)], "workflow.json")] }, img: { src: "" } });
      await runModule(name, code);
      const sent = submissions();
      await page.input.onchange();
      assert.equal(submissions(), sent + 1);
      assert.ok(page.img.src.startsWith(`${server.url}/view?`), page.img.src);
      assert.equal(page.progress.value, 1);
    });
  }

  for (const { name, code } of marked("js", "test", "reload")) {
    test(`${name} sends on the first visit and picks up after a reload`, async () => {
      const sent = submissions();
      /** @type {Record<string, string>} */
      const storage = {};
      /** @type {string[]} */
      const kept = [];
      const noted = new Proxy(storage, { set: (to, name, value) => (kept.push(value), Reflect.set(to, name, value)) });
      Object.assign(globalThis, { sessionStorage: noted });
      await runModule(`${name}, first`, code);
      assert.equal(submissions(), sent + 1);
      assert.deepEqual(storage, {});
      assert.equal(typeof JSON.parse(kept[0]).promptId, "string");

      const running = await submit(textToImage({ seed: 12 }), { serverUrl: server.url });
      storage.run = JSON.stringify({ promptId: running.promptId, clientId: running.clientId });
      await runModule(`${name}, again`, code);
      assert.equal(submissions(), sent + 2);
      assert.deepEqual(storage, {});
      assert.equal((await Submission.fromPromptId(running.promptId, { serverUrl: server.url }).fetchHistory())?.status?.completed, true);
    });
  }

  test("the worker of docs/worker.md runs, cancels and fails, and its page hears of it", async () => {
    const [worker] = marked("js", "test", "worker");
    const [ofPage] = marked("js", "test", "page-of-worker");
    /** @type {any[]} */
    const said = [];
    Object.assign(globalThis, { onmessage: null, postMessage: (/** @type {any} */ message) => said.push(structuredClone(message)) });
    await runModule(worker.name, worker.code);
    const { onmessage } = /** @type {any} */ (globalThis);
    const send = (/** @type {any} */ data) => onmessage({ data: { serverUrl: server.url, ...data } });

    await send({ kind: "run", id: 1, prompt: textToImage({ seed: 21 }) });
    assert.ok(said.slice(0, -1).every(({ kind, id, event }) => kind === "event" && id === 1 && event.prompt_id), JSON.stringify(said));
    assert.ok(said.at(-1).kind === "done" && said.at(-1).images[0] instanceof Blob);

    server.stepMs = 50;
    const cancelled = send({ kind: "run", id: 2, prompt: textToImage({ seed: 22, steps: 500 }) });
    await until(() => said.some(({ id, event }) => id === 2 && event?.type === "progress"), "progress");
    await send({ kind: "cancel", id: 2 });
    await cancelled;
    server.stepMs = 0;
    assert.deepEqual(said.at(-1), { kind: "cancelled", id: 2 });

    await send({ kind: "run", id: 3, prompt: { 1: { class_type: "Nope", inputs: {} } } });
    assert.equal(said.at(-1).code, "invalid_prompt");

    /** @type {any[]} */
    const heard = [];
    const page = fakePage({});
    class Worker {
      onmessage = (/** @type {any} */ _message) => {};
      constructor() {
        for (const data of said) queueMicrotask(() => this.onmessage({ data }));
      }
      postMessage(/** @type {any} */ message) {
        heard.push(message);
      }
    }
    Object.assign(globalThis, { Worker });
    await runModule(ofPage.name, ofPage.code);
    page.button.onclick();
    assert.deepEqual(heard.map(({ kind, id }) => [kind, id]), [["run", heard[0].id], ["cancel", heard[0].id]]);
  });

  for (const { name, code } of marked("js", "test", "server")) {
    test(`${name} passes events and pictures on, survives nonsense, and cancels for who leaves`, () =>
      withServerOf(name, code, async (url) => {
        const ask = async (/** @type {string} */ body) => {
          const text = await (await fetch(url, { method: "POST", body })).text();
          return text.split("\n\n").filter(Boolean).map((part) => JSON.parse(part.replace(/^data: /, "")));
        };
        assert.deepEqual((await ask("nonsense")).map(({ type }) => type), ["failed"]);
        const told = await ask(JSON.stringify({ prompt: textToImage({ seed: 31 }) }));
        assert.ok(told.some(({ type, nodes_progress }) => type === "completed" && nodes_progress === 1));
        assert.match(told.at(-1).url, /^data:image\/png;base64,iVBOR/);

        server.stepMs = 50;
        const leaves = new AbortController();
        const left = await fetch(url, { method: "POST", signal: leaves.signal, body: JSON.stringify({ prompt: textToImage({ seed: 32, steps: 500 }) }) });
        assert.ok(left.ok);
        const idle = async () => /** @type {any} */ (await (await fetch(`${server.url}/queue`)).json()).queue_running.length === 0;
        while (await idle()) await new Promise((resolve) => setTimeout(resolve, 5));
        leaves.abort();
        while (!(await idle())) await new Promise((resolve) => setTimeout(resolve, 5));
      }).finally(() => (server.stepMs = 0)));
  }

  for (const { name, code } of marked("js", "test", "proxy")) {
    test(`${name} reaches a ComfyUI without any flag`, async () => {
      const { default: config } = await runModule(name, code);
      const vite = await createServer({ ...config, configFile: false, root: folder, logLevel: "error", server: { ...config.server, host: "127.0.0.1", port: 0, watch: null } });
      try {
        await vite.listen();
        const { port } = /** @type {net.AddressInfo} */ (vite.httpServer?.address());
        const origin = `http://127.0.0.1:${port}`;
        assert.equal((await fetch(`${origin}/comfy/prompt`, { headers: { origin } })).status, 200);
        class OfPage extends WebSocket {
          constructor(/** @type {string} */ url) {
            super(url, { origin });
          }
        }
        /** @type {string[]} */
        const states = [];
        await submit(prompt, {
          serverUrl: `${origin}/comfy`,
          wait: true,
          webSocket: OfPage,
          onEvent: (event) => event.type === "connection" && states.push(event.data.state),
        });
        assert.deepEqual(states, ["open"]);
      } finally {
        await vite.close();
      }
    });
  }

  for (const { name, words, code } of examples.filter(({ words }) => words.some((word) => word.startsWith("event=")))) {
    test(`${name} has the fields of an event`, async () => {
      const shown = JSON.parse(code);
      const type = words[0].slice("event=".length);
      /** @type {Record<string, any> | undefined} */
      let real;
      await submit(textToImage({ seed: 41 }), { serverUrl: server.url, wait: true, onEvent: (event) => void (event.type === type && (real = event)) });
      /** @param {any} value @returns {unknown} */
      const shape = (value) => {
        if (Array.isArray(value)) return "list";
        if (value === null || typeof value !== "object") return typeof value;
        return Object.entries(value).map(([name, inner]) => [name, shape(inner)]);
      };
      assert.deepEqual(shape(shown), shape(real));
    });
  }

  test("what is TypeScript compiles in a strict project, and the worker as a worker's", async () => {
    const types = path.join(folder, "types");
    await fs.mkdir(types);
    const written = [...marked("ts", "test"), ...marked("tsx", "test")].map(async ({ name, language, words, code }) => {
      const file = words.find((word) => word.startsWith("file="))?.slice(5) ?? `${name.replaceAll(/\W+/g, "-")}.${language}`;
      const given = language === "ts" ? 'declare const prompt: import("comfyui-autoflow").Prompt;\n' : "";
      await fs.writeFile(path.join(types, file), given + code);
      return file;
    });
    const files = await Promise.all(written);
    await fs.writeFile(path.join(types, "worker.ts"), marked("js", "test", "worker")[0].code);
    const compilerOptions = { strict: true, noEmit: true, jsx: "react-jsx", module: "esnext", moduleResolution: "bundler", target: "es2022", types: [], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    const projects = [
      { compilerOptions: { ...compilerOptions, lib: ["es2023", "dom", "dom.iterable"] }, files },
      { compilerOptions: { ...compilerOptions, lib: ["es2023", "webworker"] }, files: ["worker.ts"] },
    ];
    const compiled = projects.map(async (project, at) => {
      const file = path.join(types, `tsconfig.${at}.json`);
      await fs.writeFile(file, JSON.stringify(project));
      const tsc = run(path.join(nodeModules, ".bin", "tsc"), ["-p", file]);
      return tsc.then(({ stdout }) => stdout, ({ stdout }) => stdout);
    });
    assert.equal((await Promise.all(compiled)).join(""), "");
  });

  test("docs/extension.md is a whole extension", async () => {
    const project = path.join(folder, "extension");
    for (const { file, code } of filesOf("docs/extension.md")) {
      await fs.mkdir(path.dirname(path.join(project, file)), { recursive: true });
      await fs.writeFile(path.join(project, file), code);
    }
    const { default: config } = await import(pathToFileURL(path.join(project, "vite.config.js")).href);
    await build({ ...config, configFile: false, root: project, logLevel: "error", build: { ...config.build, chunkSizeWarningLimit: 2000 } });
    const dist = path.join(project, "dist");
    const manifest = JSON.parse(await fs.readFile(path.join(dist, "manifest.json"), "utf8"));
    assert.ok(manifest.name && manifest.version && manifest.action);
    for (const file of [manifest.background.service_worker, "offscreen.html", "offscreen.js", "run.html", "run.js"]) {
      assert.ok(existsSync(path.join(dist, file)), file);
    }
  });

  test("each line of docs/python.md", async () => {
    const text = texts.get("docs/python.md") ?? "";
    const imports = [...text.matchAll(/^import .*$/gm)].map(([line]) => line);
    const lines = [...text.matchAll(/^\| `[^|]*\| `(.*)` \|$/gm)]
      .map(([, line]) => line)
      // Only what is a statement: words beside the code and the command line are not.
      .filter((line) => !line.includes("`") && !line.startsWith("npx ") && !line.startsWith("event."));
    assert.ok(lines.length > 25, `only ${lines.length} lines were found`);
    const saved = 'await saveFiles(images, "ComfyUI_00001_.png", { overwrite: true });';
    const body = lines.map((line) => line + ";");
    // The picture that one of the first lines loads has to be there, and data is any of the three forms.
    const first = `const api0 = await loadFile("workflow.json", { serverUrl: url }); const run0 = await api0.submit({ serverUrl: url, wait: true }); { const images = await run0.fetchImages(); ${saved} } const data = JSON.stringify(workflow);`;
    await runModule("python", [...imports, first, ...body].join("\n"));
  });

  test("each line of docs/other-clients.md, and each method of the other clients has a line", async () => {
    const text = texts.get("docs/other-clients.md") ?? "";
    const [, setting = ""] = /^```js test node\n([^]*?)^```$/m.exec(text) ?? [];
    const rows = [...text.matchAll(/^\| (`.*`) \| (.*) \|$/gm)];
    // A section a client: its lines share their variables.
    for (const section of text.split(/^## /m).slice(1)) {
      const [heading] = section.split("\n");
      const lines = [...section.matchAll(/^\| `.*` \| `([^`]*)` \|$/gm)].map(([, line]) => `${line};`);
      assert.ok(lines.length > 10, `only ${lines.length} lines for ${heading}`);
      await runModule(`other client ${heading}`, [setting, ...lines].join("\n"));
    }
    for (const [client, methods] of Object.entries(OTHER_CLIENTS)) {
      const section = text.split(/^## /m).find((part) => part.startsWith(client)) ?? "";
      const theirs = [...section.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, names]) => names).join();
      const missing = methods.split(" ").filter((name) => !theirs.includes(`\`${name}\``));
      assert.deepEqual(missing, [], client);
    }
    assert.ok(rows.length > 90);
  });

  for (const { name, code } of marked("js", "test", "dropdown")) {
    test(`${name} lists the checkpoints of the server`, async () => {
      const page = fakePage({});
      Object.assign(globalThis, { Option: class { constructor(/** @type {string} */ text) { Object.assign(this, { text }); } } });
      page.select = fakeElement();
      await runModule(name, code);
      assert.deepEqual(page.select.children.map((/** @type {any} */ option) => option.text), (await (await fetch(`${server.url}/models/checkpoints`)).json()));
      assert.equal(page.select.disabled, false);
    });
  }

  for (const { name, code } of marked("js", "test", "queue")) {
    test(`${name} shows what runs and waits, and cancels it`, async () => {
      const page = fakePage({ ol: fakeElement() });
      server.pause();
      const { stop } = await runModule(name, code);
      const run = await submit(textToImage({ seed: 51 }), { serverUrl: server.url });
      await until(() => page.ol.children.length === 1, "the prompt in the list");
      assert.match(page.ol.children[0].textContent, /^waits at 1, mine$/);
      await page.ol.children[0].children[0].onclick();
      await until(() => page.ol.children.length === 0, "an empty list");
      assert.equal(server.requests.some(({ path, method }) => method === "POST" && path.includes(run.promptId)), true);
      server.resume();
      stop();
    });
  }

  for (const { name, code } of marked("js", "test", "gallery")) {
    test(`${name} shows the pictures of the history, and more of them`, async () => {
      for (const seed of [61, 62]) await submit(textToImage({ seed }), { serverUrl: server.url, wait: true });
      const page = fakePage({ main: fakeElement(), button: {} });
      await runModule(name, code);
      const [newest] = page.main.children;
      assert.ok(newest.children[0].src.startsWith(`${server.url}/view?`), newest.children[0].src);
      assert.match(newest.children.at(-1).textContent, /completed$/);
      const before = page.main.children.length;
      await page.button.onclick();
      assert.ok(page.main.children.length >= before);
    });
  }

  for (const { name, code } of marked("js", "test", "img2img")) {
    test(`${name} makes a picture of a file, and one of that`, async () => {
      const imageToImage = /** @type {any} */ (textToImage({ seed: 71 }));
      delete imageToImage[5];
      imageToImage[10] = { class_type: "LoadImage", inputs: { image: "example.png" } };
      imageToImage[11] = { class_type: "VAEEncode", inputs: { pixels: ["10", 0], vae: ["4", 2] } };
      imageToImage[3].inputs.latent_image = ["11", 0];
      Object.assign(globalThis, { imageToImage });
      const [picture] = await (await submit(prompt, { serverUrl: server.url, wait: true })).fetchImages();
      await fs.writeFile(path.join(folder, "cat.png"), await picture.bytes());
      const { bytes } = await runModule(name, code);
      assert.deepEqual([...bytes.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
    });
  }

  for (const { name, code } of marked("js", "test", "requests")) {
    test(`${name} submits, tells and cancels from one request to the next`, async () => {
      await withServerOf(name, code, async (url) => {
        const ask = async (/** @type {string} */ method, /** @type {string} */ id = "", /** @type {unknown} */ body = undefined) => {
          const init = body === undefined ? { method } : { method, body: typeof body === "string" ? body : JSON.stringify(body) };
          const response = await fetch(`${url}/${id}`, init);
          return [response.status, /** @type {any} */ (await response.json())];
        };
        const [, { id }] = await ask("POST", "", textToImage({ seed: 81 }));
        let status;
        while (status?.state !== "completed") [, status] = await ask("GET", id);
        assert.ok(status.images[0].startsWith(`${server.url}/view?`));
        assert.deepEqual(await ask("GET", "00000000-0000-4000-8000-000000000000"), [200, { state: "unknown", position: null }]);
        assert.deepEqual(await ask("DELETE", id), [200, { cancelled: false }]);
        assert.equal((await ask("POST", "", "nonsense"))[0], 400);
        const [code400, error] = await ask("POST", "", { 1: { class_type: "Nope", inputs: {} } });
        assert.deepEqual([code400, error.code, error.taken], [400, "invalid_prompt", false]);
      });
    });
  }

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

  test("the command is npx comfyui-autoflow", () => {
    for (const [name, text] of texts) {
      assert.doesNotMatch(text, /(?<!python -m |npx comfyui-)\bautoflow -/, name);
    }
  });

  test("every link between the documents leads to one, and to a heading that is there", () => {
    const heading = (/** @type {string} */ line) => line.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
    for (const [name, text] of texts) {
      for (const [, link, anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const file = link ? path.posix.join(path.posix.dirname(name), link) : name;
        assert.ok(existsSync(path.join(root, file)), `${name} links to ${link}`);
        const headings = [...(texts.get(file) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, line]) => heading(line));
        if (anchor) assert.ok(headings.includes(anchor), `${name} links to ${link}#${anchor}`);
      }
    }
  });
});

/**
 * Plays with the server that an example starts.
 *
 * @param {string} name
 * @param {string} code
 * @param {(url: string) => Promise<void>} play
 */
async function withServerOf(name, code, play) {
  const { listen } = http.Server.prototype;
  /** @type {http.Server[]} */
  const servers = [];
  http.Server.prototype.listen = function () {
    servers.push(this);
    return listen.call(this, 0);
  };
  await runModule(name, code).finally(() => (http.Server.prototype.listen = listen));
  const [started] = servers;
  try {
    if (!started.listening) await once(started, "listening");
    await play(`http://127.0.0.1:${/** @type {net.AddressInfo} */ (started.address()).port}`);
  } finally {
    started.closeAllConnections();
    started.close();
  }
}

/**
 * Runs each command of an example in the folder with workflow.json, as if the package were installed there.
 *
 * @param {string} code
 */
async function runCommands(code) {
  const commands = code.replaceAll("\\\n", " ").split("\n").filter((line) => line && !line.startsWith("#"));
  for (const command of commands) {
    const [, program, rest] = command.match(/^(npm install|npx comfyui-autoflow|node) (.*)$/) ?? assert.fail(command);
    if (program === "npx comfyui-autoflow") {
      const args = [path.join(pkg, "cli.js"), ...rest.replaceAll(ADDRESS, server.url).split(/ +/)];
      const { stdout } = await run(process.execPath, args, { cwd: folder });
      const [promptId, ...paths] = stdout.trim().split("\n");
      assert.match(promptId, /^[0-9a-f-]{36}$/);
      assert.ok(paths.length === 1 && existsSync(path.join(folder, paths[0])), stdout);
    }
    if (program === "node") await runServer(rest);
  }
}

/** Runs `node -e "…"` that starts a simulator, until it has answered a page of another address. @param {string} args */
async function runServer(args) {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {net.AddressInfo} */ (probe.address());
  probe.close();
  const [, script] = args.match(/^-e "(.*)"$/) ?? assert.fail(args);
  const child = spawn(process.execPath, ["-e", script.replace("8188", `${port}`)], { cwd: root, stdio: "inherit" });
  try {
    const ask = () => fetch(`http://127.0.0.1:${port}/prompt`, { headers: { origin: "http://localhost:5173" } }).catch(() => undefined);
    let answer;
    while (!(answer = await ask())) {
      assert.equal(child.exitCode, null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(answer.status, 200);
  } finally {
    child.kill();
  }
}

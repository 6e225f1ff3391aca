// @ts-check
// From the import until a client is ready, cold, in Node and in a page; and what an app with that one import weighs.
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { pkg } from "../../scripts/paths.mjs";
import { CEILINGS, sizes } from "../../scripts/size.mjs";
import { launch, skip } from "../browser/chromium.mjs";
import { inTurns, measured } from "./child.mjs";
import {
  AUTOFLOW_PYTHON,
  AUTOGRAPH,
  COMFYORG,
  COMFY_CLI,
  COMFY_UI_CLIENT,
  OURS,
  SAINTNO,
  STABLE_CANVAS,
} from "./names.mjs";
import { pythonPeers } from "./peers.mjs";
import { figure, median, ratio } from "./table.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
/** The entry that leaves loading the wasm to the app: a file beside it, which the browser compiles while it comes in. */
const SLIM = "comfyui-autoflow/slim";
const WASM = "client.wasm";
const EMPTY = "nothing at all";
const ROUNDS = 9;
const BAR_MS = 15;
/** Why a budget is not met, where it is not. @type {Record<string, string | undefined>} */
const REASONS = {
  "import": "a quarter is compiling client.wasm, which Node does anew in each process; the rest is reading and running ten files of JavaScript",
  "both wasm, brotli": "the rules of custom node packs, the readers of files and serde_json are in the converter",
};

/** What an app writes to use it: the import, and the thing that it will call. @type {Record<string, string>} */
const SOURCES = {
  [EMPTY]: "globalThis.client = 1;",
  [OURS]: 'import { init, submit } from "comfyui-autoflow"; await init(); globalThis.client = submit;',
  [SLIM]: `import { init, submit } from "${SLIM}"; await init(new URL("${WASM}", location.href)); globalThis.client = submit;`,
  [SAINTNO]: `import { CallWrapper, ComfyApi, PromptBuilder } from "${SAINTNO}"; globalThis.client = [CallWrapper, ComfyApi, PromptBuilder];`,
  [STABLE_CANVAS]: `import { Client } from "${STABLE_CANVAS}"; globalThis.client = Client;`,
  [COMFY_UI_CLIENT]: `import { ComfyUIClient } from "${COMFY_UI_CLIENT}"; globalThis.client = ComfyUIClient;`,
  [COMFYORG]: `import { Comfy } from "${COMFYORG}"; globalThis.client = Comfy;`,
};

/** @type {Record<string, string>} */
const PYTHON_SOURCES = {
  [AUTOFLOW_PYTHON]: "import autoflow; autoflow.ApiFlow",
  [AUTOGRAPH]: "import autograph; autograph.ApiFlow",
  [COMFY_CLI]: "from comfy_cli.command.run import execute",
};

/** @returns {Promise<import("./table.mjs").Report>} */
export async function start() {
  const python = await pythonPeers();
  const names = [...Object.keys(SOURCES), ...Object.keys(PYTHON_SOURCES)];
  const inNode = await inTurns(ROUNDS, names, (name) => measured(imported(name, python)));
  const bundles = await bundled();
  const pages = skip ? new Map() : await inPages(bundles);
  return report(names, inNode, bundles, pages, await sizes());
}

/** @param {string} name @param {string} python @returns {import("./child.mjs").Command} */
function imported(name, python) {
  const source = PYTHON_SOURCES[name];
  if (source) {
    const code = `import time; began = time.perf_counter(); ${source.replace(/; /, "\n")}\nprint("RESULT {\\"ms\\": %f}" % (1000 * (time.perf_counter() - began)))`;
    return { program: python, args: ["-c", code] };
  }
  // As a dynamic import, so that the clock can be read before.
  const inNode = SOURCES[name].replace(`"${WASM}", location.href`, `import.meta.resolve("${OURS}/${WASM}")`);
  const body = inNode.replace(/import (\{.*?\}) from ("[^"]+");/, "const $1 = await import($2);");
  const code = `const began = performance.now(); ${body} console.log('RESULT {"ms": ' + (performance.now() - began) + '}'); process.exit();`;
  return { program: process.execPath, args: ["--input-type=module", "--eval", code] };
}

/** `wasm` is the file beside it. @typedef {{ code: Buffer, packed: Buffer, wasm?: { code: Buffer, packed: Buffer } } | { failed: string }} Bundle */

/** @returns {Promise<Map<string, Bundle>>} each app as a page would load it */
async function bundled() {
  /** @type {Map<string, Bundle>} */
  const bundles = new Map();
  const binary = fs.readFileSync(path.join(pkg, WASM));
  const wasm = { code: binary, packed: brotliCompressSync(binary) };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "autoflow-bench-"));
  for (const [name, source] of Object.entries(SOURCES)) {
    try {
      const { outputFiles } = await build({
        stdin: { contents: `${source} globalThis.ready = performance.now();`, resolveDir: here },
        bundle: true,
        minify: true,
        format: "esm",
        platform: "browser",
        target: "es2022",
        write: false,
        outdir: folder,
        logLevel: "silent",
      });
      const code = Buffer.from(outputFiles[0].contents);
      bundles.set(name, { code, packed: brotliCompressSync(code), wasm: name === SLIM ? wasm : undefined });
    } catch (error) {
      const [first] = /** @type {{ errors?: { text: string }[] }} */ (error).errors ?? [];
      bundles.set(name, { failed: first?.text ?? String(error) });
    }
  }
  fs.rmSync(folder, { recursive: true });
  return bundles;
}

/** @param {Map<string, Bundle>} bundles @returns {Promise<Map<string, number[]>>} milliseconds from navigation until ready */
async function inPages(bundles) {
  const names = [...bundles].filter(([, bundle]) => "packed" in bundle).map(([name]) => name);
  const server = http.createServer((request, response) => {
    const [, at, file] = (request.url ?? "").match(/^\/(\d+)\/(app\.js|client\.wasm)?$/) ?? [];
    const bundle = at === undefined ? undefined : bundles.get(names[Number(at)]);
    if (!bundle || !("packed" in bundle)) return response.writeHead(404).end();
    response.setHeader("cache-control", "no-store");
    const type = file === WASM ? "application/wasm" : file ? "text/javascript" : "text/html";
    response.setHeader("content-type", type);
    if (file) response.setHeader("content-encoding", "br");
    const content = file === WASM ? bundle.wasm?.packed : bundle.packed;
    response.end(file ? content : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="app.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = await launch();
  /** @type {Map<string, number[]>} */
  const times = new Map(names.map((name) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, name] of names.entries()) {
        // A context of its own has no code cache.
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${address.port}/${at}/`);
        try {
          await page.waitForFunction("globalThis.ready", null, { timeout: 5000 });
          times.get(name)?.push(Number(await page.evaluate("globalThis.ready")));
        } catch {
          times.get(name)?.push(Infinity);
        }
        await context.close();
      }
    }
  } finally {
    await browser.close();
    server.close();
  }
  return times;
}

/**
 * @param {string[]} names
 * @param {Map<string, import("./child.mjs").Result[]>} inNode
 * @param {Map<string, Bundle>} bundles
 * @param {Map<string, number[]>} pages
 * @param {Record<string, number>} weights of the package's parts
 * @returns {import("./table.mjs").Report}
 */
function report(names, inNode, bundles, pages, weights) {
  const node = (/** @type {string} */ name) => median((inNode.get(name) ?? []).map(({ ms }) => ms ?? NaN));
  const page = (/** @type {string} */ name) => {
    const bundle = bundles.get(name);
    if (!bundle) return ["–", "–", "–"];
    if ("failed" in bundle) return ["not for pages", "–", "–"];
    const time = median(pages.get(name) ?? []);
    const { code, packed, wasm } = bundle;
    const sizes = [packed.length + (wasm?.packed.length ?? 0), code.length + (wasm?.code.length ?? 0)].map((size) => figure(size / 1000));
    return [pages.has(name) && !Number.isFinite(time) ? "fails when loaded" : figure(time), ...sizes];
  };
  const ours = node(OURS);
  return {
    title: "Start",
    about:
      "Cold, each time in a fresh process, or a fresh context of headless Chromium. Node and Python: from the import until the " +
      "client can be called. Page: from the navigation, network included, until it can be called. App: that one import, " +
      "bundled and minified by esbuild, as it goes over the wire.",
    tables: [
      {
        caption: "Import until ready, and weight",
        columns: ["", "Node or Python, ms", "page, ms", "app, brotli, kB", "app, kB"],
        rows: names.map((name) => [name, figure(node(name)), ...page(name)]),
      },
    ],
    notes: [
      "@comfyorg/sdk wants Node 22 and says that pages are out of its scope; it is bundled here for its weight. comfyui-autoflow carries its client inlined as text; comfyui-autoflow/slim is the same with the wasm as a file beside the app, counted with it. esbuild puts the converter, a chunk of its own elsewhere, into the one file; with Vite the page of the README is the app of the budgets.",
    ],
    budgets: [
      { what: "import until ready, Node", bar: `≤ ${BAR_MS} ms`, measured: `${figure(ours)} ms, ${ratio(ours, node(SAINTNO))} @saintno/comfyui-sdk`, met: ours <= BAR_MS, reason: REASONS.import },
      ...Object.entries(CEILINGS).map(([what, bar]) => ({
        what,
        bar: `≤ ${figure(bar / 1000)} kB`,
        measured: `${figure(weights[what] / 1000)} kB`,
        met: weights[what] <= bar,
        reason: REASONS[what],
      })),
    ],
  };
}

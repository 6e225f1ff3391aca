#!/usr/bin/env node
// @ts-check
// Asks ComfyUI's own frontend what prompt it makes of the workflows in this folder, and writes NAME.prompt.json beside
// each NAME.json: the prompt, or {"error": "..."} where the frontend refuses. No ComfyUI server and no GPU needed.
//
//   node tests/conversion/oracle.mjs [NAME...]      all workflows, or those named
//   node tests/conversion/oracle.mjs --workflows DIR --object-info FILE --out DIR
//
// Needs `npm ci`, pip (which fetches the frontend into the cache folder) and Chromium. Random choices take the first
// option. Every class of the schema is completed with the fields that the frontend insists on, so a hand-written one
// needs only `input` and `output`.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { cache } from "../../scripts/paths.mjs";
import { launch } from "../browser/chromium.mjs";

const FRONTEND = "1.58.1";
const here = path.dirname(fileURLToPath(import.meta.url));

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    workflows: { type: "string", default: here },
    "object-info": { type: "string", default: path.join(here, "object_info.json") },
    out: { type: "string" },
    frontend: { type: "string" },
  },
});
const workflows = options.workflows ?? here;
const out = options.out ?? workflows;

/** The frontend's static files. */
function frontendFolder() {
  const folder = path.join(cache, `frontend-${FRONTEND}`);
  const files = path.join(folder, "comfyui_frontend_package", "static");
  if (!fs.existsSync(files)) {
    const wanted = `comfyui-frontend-package==${FRONTEND}`;
    execFileSync("pip", ["install", "--quiet", "--no-deps", "--target", folder, wanted], { stdio: "inherit" });
  }
  return files;
}

const objectInfo = JSON.parse(fs.readFileSync(options["object-info"] ?? "", "utf8"));
for (const [name, definition] of Object.entries(objectInfo)) {
  const output = definition.output ?? [];
  objectInfo[name] = {
    name,
    display_name: name,
    description: "",
    python_module: "nodes",
    category: "test",
    output_node: false,
    output: [],
    output_name: output,
    output_is_list: output.map(() => false),
    ...definition,
  };
}

/** What a ComfyUI server would answer. */
const answers = {
  "/object_info": objectInfo,
  "/settings": {
    "Comfy.TutorialCompleted": true,
    "Comfy.InstalledVersion": FRONTEND,
    "Comfy.Locale": "en",
    "Comfy.Workflow.ShowMissingNodesWarning": false,
    "Comfy.Workflow.ShowMissingModelsWarning": false,
  },
  "/users": { storage: "server", migrated: true },
  "/system_stats": {
    system: {
      os: "posix",
      python_version: "3",
      embedded_python: false,
      comfyui_version: "0.33.0",
      pytorch_version: "2",
      argv: [],
      ram_total: 1,
      ram_free: 1,
    },
    devices: [],
  },
  "/extensions": [],
  "/embeddings": [],
  "/models": [],
  "/experiment/models": [],
  "/userdata": [],
  "/v2/userdata": [],
  "/features": {},
  "/history": {},
  "/i18n": {},
  "/workflow_templates": {},
  "/global_subgraphs": {},
  "/node_replacements": {},
  "/queue": { queue_running: [], queue_pending: [] },
  "/prompt": { exec_info: { queue_remaining: 0 } },
  "/jobs": { jobs: [], pagination: { offset: 0, limit: 100, total: 0, has_more: false } },
};
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};

const frontend = options.frontend ?? frontendFolder();
const server = http.createServer((request, response) => {
  const url = decodeURIComponent((request.url ?? "/").split("?")[0]);
  const route = url.replace(/^\/api/, "");
  if (url.startsWith("/api") || route === "/object_info") {
    response.writeHead(route in answers ? 200 : 404, { "content-type": "application/json" });
    return response.end(JSON.stringify(answers[route] ?? {}));
  }
  const file = path.join(frontend, url === "/" ? "index.html" : path.normalize(url));
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
  fs.createReadStream(file).pipe(response);
});
const status = { type: "status", data: { status: { exec_info: { queue_remaining: 0 } }, sid: "oracle" } };
new WebSocketServer({ server }).on("connection", (/** @type {any} */ socket) => socket.send(JSON.stringify(status)));
await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
const address = server.address();
const port = typeof address === "object" && address ? address.port : 0;

const browser = await launch();
const page = await (await browser.newContext({ locale: "en-US" })).newPage();
await page.goto(`http://127.0.0.1:${port}/`);
await page.waitForFunction("window.app?.vueAppReady", null, { timeout: 60_000 });
await page.evaluate("Math.random = () => 0; window.alert = () => {}; window.confirm = () => true;");

/** Runs in the page. */
async function ask(/** @type {any} */ workflow) {
  const { app } = /** @type {any} */ (globalThis);
  try {
    const quiet = { skipAssetScans: true, deferWarnings: true, silentAssetErrors: true };
    if ((await app.loadGraphData(workflow, true, false, null, quiet)) === false) throw new Error("not loaded");
    // Reroutes and shared types settle in animation frames.
    await new Promise((settled) => setTimeout(settled, 300));
    return JSON.stringify((await app.graphToPrompt()).output, null, 1);
  } catch (error) {
    return JSON.stringify({ error: String(/** @type {any} */ (error)?.message ?? error) });
  }
}

const files = fs
  .readdirSync(workflows)
  .filter((file) => file.endsWith(".json") && !file.endsWith(".prompt.json") && file !== "object_info.json")
  .filter((file) => !names.length || names.includes(file.replace(/\.json$/, "")));
fs.mkdirSync(out, { recursive: true });
let refused = 0;
for (const file of files) {
  const answer = await page.evaluate(ask, JSON.parse(fs.readFileSync(path.join(workflows, file), "utf8")));
  fs.writeFileSync(path.join(out, file.replace(/\.json$/, ".prompt.json")), `${answer}\n`);
  if (answer.startsWith('{"error"')) {
    refused++;
    console.log(`${file}: ${answer}`);
  }
}
console.log(`${files.length - refused} converted, ${refused} refused`);
await browser.close();
server.close();
process.exit(0);

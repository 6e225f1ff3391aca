// @ts-check
// ComfyUI's own frontend in Chromium, with a server that has a schema and nothing else. No ComfyUI and no GPU needed; pip
// fetches the frontend into the cache folder.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { WebSocketServer } from "ws";
import { cache } from "../../scripts/paths.mjs";
import { launch } from "../browser/chromium.mjs";

const FRONTEND = "1.58.1";

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

/** What the frontend insists on, of every class. @param {Record<string, any>} objectInfo */
function completed(objectInfo) {
  return Object.fromEntries(
    Object.entries(objectInfo).map(([name, definition]) => {
      const output = definition.output ?? [];
      const usual = {
        name,
        display_name: name,
        description: "",
        python_module: "nodes",
        category: "test",
        output_node: false,
        output: [],
        output_name: output,
        output_is_list: output.map(() => false),
      };
      return [name, { ...usual, ...definition }];
    }),
  );
}

/** What a ComfyUI server would answer. @type {Record<string, unknown>} */
const ANSWERS = {
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
/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};

/**
 * The JavaScript files of a pack's web folder, as a server lists them.
 *
 * @param {[string, string]} pack its name and folder
 * @returns {string[]}
 */
function extensionFiles([name, folder]) {
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  return files.map((file) => `/extensions/${name}/${file}`);
}

/**
 * @param {Record<string, any>} objectInfo
 * @param {object} [options]
 * @param {string} [options.files] the folder of another frontend's static files
 * @param {Record<string, string>} [options.extensions] the web folders of custom node packs by the packs' names
 * @param {Record<string, string>} [options.routes] folders that are served besides, by the beginning of their paths
 * @returns {Promise<{ page: import("playwright-core").Page, close: () => Promise<void> }>}
 */
export async function openFrontend(objectInfo, { files = frontendFolder(), extensions = {}, routes = {} } = {}) {
  /** @type {Record<string, unknown>} */
  const answers = { ...ANSWERS, "/object_info": completed(objectInfo) };
  answers["/extensions"] = Object.entries(extensions).flatMap(extensionFiles);
  const folders = { ...routes };
  for (const [name, folder] of Object.entries(extensions)) folders[`/extensions/${name}/`] = folder;
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent((request.url ?? "/").split("?")[0]);
    const route = url.replace(/^\/api/, "");
    if (url.startsWith("/api") || route === "/object_info") {
      response.writeHead(route in answers ? 200 : 404, { "content-type": "application/json" });
      return response.end(JSON.stringify(answers[route] ?? {}));
    }
    const prefix = Object.keys(folders).find((prefix) => url.startsWith(prefix));
    const inside = path.normalize(prefix ? url.slice(prefix.length) : url === "/" ? "index.html" : url);
    const file = path.join(prefix ? folders[prefix] : files, inside);
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    fs.createReadStream(file).pipe(response);
  });
  const status = { type: "status", data: { status: { exec_info: { queue_remaining: 0 } }, sid: "oracle" } };
  new WebSocketServer({ server }).on("connection", (socket) => socket.send(JSON.stringify(status)));
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const browser = await launch();
  const page = await (await browser.newContext({ locale: "en-US" })).newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction("window.app?.vueAppReady", null, { timeout: 60_000 });
  await page.evaluate("Math.random = () => 0; window.alert = () => {}; window.confirm = () => true;");
  return {
    page,
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Runs in the page: what prompt the frontend makes of a workflow, and how long that takes without the time to settle.
 *
 * @param {any} workflow or its text
 * @returns {Promise<{ answer: string, ms: number }>} JSON: the prompt, or {"error": "..."} where the frontend refuses
 */
export async function ask(workflow) {
  const { app } = /** @type {any} */ (globalThis);
  let ms = 0;
  let began = performance.now();
  const pause = () => (ms += performance.now() - began);
  try {
    const quiet = { skipAssetScans: true, deferWarnings: true, silentAssetErrors: true };
    const graph = typeof workflow === "string" ? JSON.parse(workflow) : workflow;
    if ((await app.loadGraphData(graph, true, false, null, quiet)) === false) throw new Error("not loaded");
    pause();
    // Reroutes and shared types settle in animation frames.
    await new Promise((settled) => setTimeout(settled, 300));
    began = performance.now();
    const { output } = await app.graphToPrompt();
    pause();
    return { answer: JSON.stringify(output, null, 1), ms };
  } catch (error) {
    return { answer: JSON.stringify({ error: String(/** @type {any} */ (error)?.message ?? error) }), ms };
  }
}

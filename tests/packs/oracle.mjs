#!/usr/bin/env node
// @ts-check
// Asks ComfyUI's own frontend, with the JavaScript of custom node packs loaded, what it sends for workflows.
//
//   node tests/packs/oracle.mjs --packs FOLDER --object-info FILE --out DIR WORKFLOW.json…
//
// FOLDER holds clones of the packs, each under the name of its repository. Only those that the workflow needs should be
// there: packs change each other's nodes. The prompt is the one that is sent when Queue is pressed; `Math.random()`
// gives 0. `--route /rgthree/=FOLDER` serves files that a pack expects under a route of its own; what else its server half
// would answer is 404.
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { openFrontend } from "../conversion/frontend.mjs";

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    "packs": { type: "string" },
    "object-info": { type: "string" },
    "out": { type: "string", default: "." },
    "frontend": { type: "string" },
    "route": { type: "string", multiple: true, default: [] },
    "log": { type: "boolean" },
  },
});
const { packs, "object-info": schema, out = "." } = options;
if (!packs || !schema || !files.length) throw new Error("--packs FOLDER --object-info FILE [--out DIR] WORKFLOW…");

/** Where packs keep their web folder, the first that is there. */
const WEB = ["web/comfyui", "web_version/v2", "web", "js"];
/** @type {Record<string, string>} */
const extensions = {};
/** @type {Record<string, string>} */
const routes = Object.fromEntries((options.route ?? []).map((route) => route.split("=")));
for (const name of fs.readdirSync(packs)) {
  const pack = path.join(packs, name);
  const web = WEB.map((folder) => path.join(pack, folder)).find((folder) => fs.existsSync(folder));
  if (web) extensions[name] = web;
}

const objectInfo = JSON.parse(fs.readFileSync(schema, "utf8"));
const { page, close } = await openFrontend(objectInfo, { files: options.frontend, extensions, routes });
if (options.log) {
  page.on("console", (message) => console.error(message.text()));
  page.on("pageerror", (error) => console.error(String(error)));
}

/**
 * Runs in the page: loads a workflow, presses Queue and gives the prompt that would have been sent.
 *
 * @param {any} workflow
 * @returns {Promise<string>}
 */
async function queue(workflow) {
  const { app } = /** @type {any} */ (globalThis);
  try {
    const quiet = { skipAssetScans: true, deferWarnings: true, silentAssetErrors: true };
    if ((await app.loadGraphData(workflow, true, false, null, quiet)) === false) throw new Error("not loaded");
    await new Promise((settled) => setTimeout(settled, 1000));
    /** @type {any} */
    let sent;
    // Packs change the prompt in functions of their own around this one.
    const send = app.api.fetchApi;
    app.api.fetchApi = async (/** @type {string} */ route, /** @type {any} */ init) => {
      if (route !== "/prompt" || init?.method !== "POST") return send.call(app.api, route, init);
      sent = JSON.parse(init.body).prompt;
      return new Response(JSON.stringify({ prompt_id: "1", number: 1, node_errors: {} }));
    };
    try {
      await app.queuePrompt(0, 1);
    } finally {
      app.api.fetchApi = send;
    }
    return JSON.stringify(sent ?? { error: "nothing was sent" }, null, 1);
  } catch (error) {
    return JSON.stringify({ error: String(/** @type {any} */ (error)?.message ?? error) });
  }
}

fs.mkdirSync(out, { recursive: true });
for (const file of files) {
  const answer = await page.evaluate(queue, JSON.parse(fs.readFileSync(file, "utf8")));
  fs.writeFileSync(path.join(out, `${path.basename(file, ".json")}.prompt.json`), `${answer}\n`);
  if (answer.startsWith('{"error"')) console.log(`${file}: ${answer}`);
}
await close();
process.exit(0);

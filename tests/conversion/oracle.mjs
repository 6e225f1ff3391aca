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
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ask, openFrontend } from "./frontend.mjs";

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

const objectInfo = JSON.parse(fs.readFileSync(options["object-info"] ?? "", "utf8"));
const { page, close } = await openFrontend(objectInfo, { files: options.frontend });

const files = fs
  .readdirSync(workflows)
  .filter((file) => file.endsWith(".json") && !file.endsWith(".prompt.json") && file !== "object_info.json")
  .filter((file) => !names.length || names.includes(file.replace(/\.json$/, "")));
fs.mkdirSync(out, { recursive: true });
let refused = 0;
for (const file of files) {
  const { answer } = await page.evaluate(ask, JSON.parse(fs.readFileSync(path.join(workflows, file), "utf8")));
  fs.writeFileSync(path.join(out, file.replace(/\.json$/, ".prompt.json")), `${answer}\n`);
  if (answer.startsWith('{"error"')) {
    refused++;
    console.log(`${file}: ${answer}`);
  }
}
console.log(`${files.length - refused} converted, ${refused} refused`);
await close();
process.exit(0);

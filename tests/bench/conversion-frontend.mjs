// @ts-check
// Converts the corpus with ComfyUI's own frontend, in Chromium: once, it is slow.
//   node conversion-frontend.mjs JSON   prints what it measured after RESULT, and again as more is known
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ask, openFrontend } from "../conversion/frontend.mjs";
import { essence } from "./prompt-essence.mjs";

/** @type {import("./conversion.mjs").Work} */
const { workflows, prompts, objectInfo, growth } = JSON.parse(process.argv[2]);
const { page, close } = await openFrontend(JSON.parse(fs.readFileSync(objectInfo, "utf8")));
const names = fs.readdirSync(prompts).filter((name) => name.endsWith(".json"));
/** @type {Record<string, number>} */
const grown = {};
let sum = 0;
let exact = 0;
for (const name of names) {
  const { answer, ms } = await page.evaluate(ask, fs.readFileSync(path.join(workflows, name), "utf8"));
  sum += ms;
  const expected = JSON.parse(fs.readFileSync(path.join(prompts, name), "utf8"));
  if (isDeepStrictEqual(essence(JSON.parse(answer)), essence(expected))) exact += 1;
}
const print = () => console.log(`RESULT ${JSON.stringify({ ms: sum / names.length, exact, count: names.length, growth: grown })}`);
print();
const sizes = fs.readdirSync(growth).map((name) => parseInt(name));
for (const size of sizes.sort((a, b) => a - b)) {
  const { answer, ms } = await page.evaluate(ask, fs.readFileSync(path.join(growth, `${size}.json`), "utf8"));
  if (!answer.startsWith('{"error"')) grown[size] = ms;
  print();
}
await close();
process.exit();

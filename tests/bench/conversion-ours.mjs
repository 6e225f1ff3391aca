// @ts-check
// Converts the corpus with the built package, in Node.
//   node conversion-ours.mjs JSON   prints what it measured after RESULT
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ObjectInfo, convert } from "comfyui-autoflow/workflow";
import { essence } from "./prompt-essence.mjs";

/** @type {import("./conversion.mjs").Work} */
const { workflows, prompts, objectInfo: file, growth, passes } = JSON.parse(process.argv[2]);
const text = fs.readFileSync(file, "utf8");
const parsing = performance.now();
const objectInfo = ObjectInfo.from(text);
const objectInfoMs = performance.now() - parsing;
const names = fs.readdirSync(prompts).filter((name) => name.endsWith(".json"));
const texts = names.map((name) => fs.readFileSync(path.join(workflows, name), "utf8"));
const best = texts.map(() => Infinity);
let exact = 0;

/** @param {string} text @returns {{ ms: number, prompt: any }} */
function timed(text) {
  const started = performance.now();
  const { prompt } = convert(text, objectInfo, { random: "first" });
  return { ms: performance.now() - started, prompt };
}

for (let pass = 0; pass < passes; pass += 1) {
  for (const [at, text] of texts.entries()) {
    const { ms, prompt } = timed(text);
    best[at] = Math.min(best[at], ms);
    if (pass > 0) continue;
    const expected = JSON.parse(fs.readFileSync(path.join(prompts, names[at]), "utf8"));
    if (isDeepStrictEqual(essence(prompt), essence(expected))) exact += 1;
  }
}
const grown = fs.readdirSync(growth).map((name) => {
  const text = fs.readFileSync(path.join(growth, name), "utf8");
  return [parseInt(name), Math.min(...Array.from({ length: passes }, () => timed(text).ms))];
});
const ms = best.reduce((sum, time) => sum + time, 0) / best.length;
console.log(`RESULT ${JSON.stringify({ ms, exact, count: names.length, objectInfoMs, growth: Object.fromEntries(grown) })}`);

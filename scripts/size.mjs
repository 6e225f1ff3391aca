// @ts-check
// `npm run size`: how large the package is, and how that changed since size.json was last recorded
// (`npm run size -- --record`, with each release). Fails where the wasm has grown by more than a hair since then and is
// above its aim.
import fs from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "./build.mjs";
import { pkg, root } from "./paths.mjs";
import { run, script } from "./run.mjs";
import { setup } from "./setup.mjs";

/** What the wasm should weigh as a server sends it, in bytes. */
const BROTLI_AIM = 90_000;
/** While it weighs more it may not grow: a hair's breadth covers another compiler. */
const HAIR = 1.01;

const record = path.join(root, "size.json");

/** @returns {Promise<{ text: string, fits: boolean, sizes: Record<string, number> }>} */
export async function sizeReport() {
  const wasm = fs.readFileSync(path.join(pkg, "comfyui_autoflow.wasm"));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length };
  const packed = await run("npm", ["pack", "--dry-run", "--json"], { cwd: pkg });
  if (packed.code !== 0) throw new Error(packed.output);
  const sizes = {
    "wasm": wasm.length,
    "wasm, brotli": brotliCompressSync(wasm, { params }).length,
    "tarball": tarballSize(packed.stdout),
  };
  const before = fs.existsSync(record) ? JSON.parse(fs.readFileSync(record, "utf8")) : {};
  const lines = Object.entries(sizes).map(([name, size]) => {
    const change = name in before ? size - before[name] : undefined;
    const since = change === undefined ? "" : `  ${change < 0 ? "−" : "+"}${kB(Math.abs(change))} since recorded`;
    return `${name.padEnd(14)}${kB(size).padStart(10)}${since}`;
  });
  const brotli = sizes["wasm, brotli"];
  const ceiling = Math.max(BROTLI_AIM, (before["wasm, brotli"] ?? 0) * HAIR);
  const fits = brotli <= ceiling;
  if (brotli > BROTLI_AIM) lines.push(`The wasm is ${kB(brotli - BROTLI_AIM)} above the ${kB(BROTLI_AIM)} it should weigh.`);
  if (!fits) lines.push(`It has grown past its ceiling of ${kB(ceiling)}.`);
  return { text: lines.join("\n"), fits, sizes };
}

/** @param {string} json npm 11 prints a list, npm 12 an object by package name */
function tarballSize(json) {
  const parsed = JSON.parse(json);
  const [tarball] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  return tarball.size;
}

/** @param {number} bytes */
function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (process.argv[1] === path.join(root, "scripts", "size.mjs")) {
  script(async () => {
    await build(await setup());
    const { text, fits, sizes } = await sizeReport();
    process.stdout.write(`${text}\n`);
    if (process.argv.includes("--record")) fs.writeFileSync(record, `${JSON.stringify(sizes, null, 2)}\n`);
    process.exitCode = fits ? 0 : 1;
  });
}

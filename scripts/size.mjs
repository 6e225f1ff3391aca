// @ts-check
// `npm run size`: how large the package is, and how that changed since size.json was last recorded
// (`npm run size -- --record`, with each release). Fails where a part is above its ceiling.
import fs from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "./build.mjs";
import { pkg, root, target } from "./paths.mjs";
import { run, script } from "./run.mjs";
import { setup } from "./setup.mjs";

/** What the parts may weigh, in bytes; `brotli` as a server sends them. @type {Record<string, number>} */
export const CEILINGS = {
  "client.wasm, brotli": 130_000,
  "both wasm, brotli": 225_000,
  // Vite warns above it.
  "app, main chunk": 500_000,
  "app, main chunk, brotli": 175_000,
};
/** A part that is above its ceiling may not grow: the margin covers other compiler versions. */
const HAIR = 1.01;

const record = path.join(root, "size.json");

/** @returns {Promise<Record<string, number>>} in bytes */
export async function sizes() {
  const [client, converter] = ["client", "converter"].map((name) => fs.readFileSync(path.join(pkg, `${name}.wasm`)));
  const packed = [client, converter].map(brotli);
  const app = await appChunks();
  const tarball = await run("npm", ["pack", "--dry-run", "--json"], { cwd: pkg });
  if (tarball.code !== 0) throw new Error(tarball.output);
  return {
    "client.wasm": client.length,
    "client.wasm, brotli": packed[0],
    "converter.wasm": converter.length,
    "converter.wasm, brotli": packed[1],
    "both wasm, brotli": packed[0] + packed[1],
    "app, main chunk": app.main.length,
    "app, main chunk, brotli": brotli(app.main),
    "app, later chunks, brotli": app.later.reduce((sum, chunk) => sum + brotli(chunk), 0),
    "tarball": tarballSize(tarball.stdout),
  };
}

/** @returns {Promise<{ text: string, fits: boolean, sizes: Record<string, number> }>} */
export async function sizeReport() {
  const now = await sizes();
  const before = fs.existsSync(record) ? JSON.parse(fs.readFileSync(record, "utf8")) : {};
  const width = Math.max(...Object.keys(now).map((name) => name.length));
  const lines = [];
  let fits = true;
  for (const [name, size] of Object.entries(now)) {
    const change = size - (before[name] ?? size);
    const since = change ? `  ${change < 0 ? "−" : "+"}${kB(Math.abs(change))} since recorded` : "";
    const ceiling = CEILINGS[name];
    const above = size > ceiling ? `  above the ${kB(ceiling)} that it may weigh` : "";
    const grown = size > Math.max(ceiling, (before[name] ?? 0) * HAIR) ? ", and it has grown" : "";
    if (grown) fits = false;
    lines.push(`${name.padEnd(width)}${kB(size).padStart(11)}${since}${above}${grown}`);
  }
  return { text: lines.join("\n"), fits, sizes: now };
}

/**
 * The page example of the README as Vite builds it.
 *
 * @returns {Promise<{ main: Buffer, later: Buffer[] }>} the chunk that the page loads, and those that it imports later
 */
async function appChunks() {
  const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
  const [, code] = /^```js test page\n([^]*?)^```$/m.exec(readme) ?? [];
  if (!code) throw new Error("README.md has no example of a page.");
  const folder = path.join(target, "size-app");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "main.js"), code);
  fs.writeFileSync(path.join(folder, "index.html"), '<script type="module" src="./main.js"></script>');
  // Not imported at the top: the first run of this script is what installs it.
  const vite = await import("vite");
  /** @type {string[]} */
  const warnings = [];
  const customLogger = { ...vite.createLogger("warn"), warn: (/** @type {string} */ text) => void warnings.push(text) };
  const built = await vite.build({ root: folder, configFile: false, customLogger, build: { write: false } });
  if (warnings.length) throw new Error(`Vite warns: ${warnings.join("\n")}`);
  const { output } = /** @type {{ output: any[] }} */ (Array.isArray(built) ? built[0] : built);
  const chunks = output.filter(({ type }) => type === "chunk");
  const bytes = (/** @type {{ code: string }} */ { code }) => Buffer.from(code);
  return {
    main: bytes(chunks.find(({ isEntry }) => isEntry)),
    later: chunks.filter(({ isEntry }) => !isEntry).map(bytes),
  };
}

/** @param {Buffer} bytes */
function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
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

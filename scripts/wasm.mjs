// @ts-check
// Compiles the crate twice, into the two wasm modules of the package: optimised wasm and the JavaScript glue of
// wasm-bindgen, in target/wasm.
import fs from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { encodeWasm } from "./encode-wasm.mjs";
import { target, wasm } from "./paths.mjs";
import { run, step } from "./run.mjs";
import { shrink } from "./shrink-wasm.mjs";
import { madeOf } from "./stamp.mjs";

/**
 * @typedef {object} Module
 * @property {string} name which is also the feature of the crate
 * @property {string} profile of Cargo.toml
 * @property {string[]} flags of the compiler
 */

/**
 * The converter is compiled for speed (`opt-level` of Cargo.toml) as far as it pays: without the threshold, 5 % more bytes give
 * nothing more. docs/decisions/size-flags.md has the figures.
 *
 * @type {Module[]}
 */
const MODULES = [
  { name: "client", profile: "release", flags: ["-Cllvm-args=-inline-threshold=5"] },
  { name: "converter", profile: "converter", flags: ["-Cllvm-args=-inline-threshold=75"] },
];

/** What is made here and goes into the package. */
export const COMPILED = MODULES.flatMap(({ name }) => [`${name}.js`, `${name}.wasm`, `${name}_bytes.js`]);

/**
 * @param {NodeJS.ProcessEnv} env with wasm-pack, wasm-bindgen and wasm-opt on the PATH
 * @returns {Promise<boolean>} whether anything had to be compiled
 */
export async function buildWasm(env) {
  const compiler = (await run("rustc", ["--version"])).stdout.trim();
  let compiled = false;
  for (const module of MODULES) compiled = (await buildModule(module, compiler, env)) || compiled;
  return compiled;
}

/**
 * @param {Module} module
 * @param {string} compiler
 * @param {NodeJS.ProcessEnv} env
 */
function buildModule({ name, profile, flags }, compiler, env) {
  return madeOf(
    {
      name: `wasm-${name}`,
      inputs: ["Cargo.toml", "Cargo.lock", "src", "scripts/wasm.mjs", "scripts/encode-wasm.mjs", "scripts/shrink-wasm.mjs", "package-lock.json"],
      facts: [compiler],
      outputs: [`${name}.js`, `${name}.wasm`, `${name}_bytes.js`].map((file) => path.join(wasm, file)),
    },
    async () => {
      await step("Fetching crates", "cargo", ["fetch", "--locked"], { env });
      // A separate, empty folder, because wasm-pack optimises every wasm that it finds there, even a finished one.
      const raw = path.join(target, "wasm-pack", name);
      fs.rmSync(raw, { recursive: true, force: true });
      const args = ["build", "--target", "web", "--mode", "no-install", "--no-pack", "--profile", profile];
      args.push("--out-dir", raw, "--out-name", name, "--", "--no-default-features", "--features", name);
      await step(`Compiling ${name}.wasm`, "wasm-pack", args, {
        env: { ...env, CARGO_ENCODED_RUSTFLAGS: [...flags, ...(await remapped())].join("\x1f") },
      });
      fs.mkdirSync(wasm, { recursive: true });
      fs.copyFileSync(path.join(raw, `${name}.d.ts`), path.join(wasm, `${name}.d.ts`));
      const { bytes, glue } = await shrink(path.join(raw, `${name}_bg.wasm`), fs.readFileSync(path.join(raw, `${name}.js`), "utf8"));
      fs.writeFileSync(path.join(wasm, `${name}.js`), await watched(name, glue));
      fs.writeFileSync(path.join(wasm, `${name}.wasm`), bytes);
      fs.writeFileSync(path.join(wasm, `${name}_bytes.js`), inlined(name, bytes));
    },
  );
}

/**
 * The glue, whose instances are made by pkg-template/trap.js: wasm-bindgen can restart a module after a trap, but
 * cannot detect one without exceptions in the wasm, which cost 4 % of it.
 *
 * @param {string} name
 * @param {string} glue
 */
async function watched(name, glue) {
  const { transform } = await import("esbuild");
  const Instance = name === "client" ? "ClientInstance" : "ConverterInstance";
  const { code } = await transform(glue, { define: { "WebAssembly.Instance": Instance }, target: "es2022" });
  return `import { ${Instance} } from "./modules.js";\n${code}`;
}

/**
 * A JavaScript module with the wasm inside, for the entries that work in every bundler without a setting.
 *
 * @param {string} name
 * @param {Buffer} bytes
 */
function inlined(name, bytes) {
  const { frequent, text } = encodeWasm(bytes);
  return [
    `// ${name}.wasm as text.`,
    'import decode from "./decode-wasm.js";',
    `export default () => decode(${JSON.stringify(frequent)}, "${text}");`,
    "",
  ].join("\n");
}

/**
 * Compiler flags that keep this machine's folders out of the wasm's panic messages: they would be published with the
 * package, and its bytes would differ from machine to machine. The standard library's own sources are named as they are
 * where the component rust-src is not installed.
 */
async function remapped() {
  const home = process.env.CARGO_HOME || path.join(homedir(), ".cargo");
  const sources = path.join(home, "registry", "src");
  const registries = fs.existsSync(sources) ? fs.readdirSync(sources) : [];
  const sysroot = (await run("rustc", ["--print", "sysroot"])).stdout.trim();
  const commit = /^commit-hash: (.*)$/m.exec((await run("rustc", ["-vV"])).stdout)?.[1];
  const names = registries.map((name) => [path.join(sources, name), "crates"]);
  names.push([path.join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`]);
  return names.map(([folder, name]) => `--remap-path-prefix=${folder}=${name}`);
}

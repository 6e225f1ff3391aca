// @ts-check
// Compiles the crate: optimised wasm and the JavaScript glue of wasm-bindgen, in target/wasm.
import fs from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { nodeModules, target, wasm } from "./paths.mjs";
import { run, step } from "./run.mjs";
import { madeOf } from "./stamp.mjs";

/** What is made here and goes into the package. */
export const COMPILED = ["comfyui_autoflow.js", "comfyui_autoflow.wasm", "wasm_bytes.js"];

const raw = path.join(target, "wasm-pack");

/**
 * Compiling for size leaves nearly every small function a call. Measured, against 5 (what that means to LLVM): a third
 * less time for a conversion and for a frame, 6 % more bytes; `opt-level = "s"` is no faster and 11 % larger.
 */
const INLINING = ["-Cllvm-args=-inline-threshold=75"];

/**
 * @param {NodeJS.ProcessEnv} env with wasm-pack, wasm-bindgen and wasm-opt on the PATH
 * @returns {Promise<boolean>} whether it had to be compiled
 */
export async function buildWasm(env) {
  const compiler = (await run("rustc", ["--version"])).stdout.trim();
  return madeOf(
    {
      name: "wasm",
      inputs: ["Cargo.toml", "Cargo.lock", "src", "scripts/wasm.mjs", "package-lock.json"],
      facts: [compiler],
      outputs: COMPILED.map((name) => path.join(wasm, name)),
    },
    async () => {
      // wasm-pack leaves wasm-opt out without a word when it does not find it.
      if (!fs.existsSync(path.join(nodeModules, ".bin", "wasm-opt"))) throw new Error("npm's binaryen is missing");
      await step("Fetching crates", "cargo", ["fetch", "--locked"], { env });
      // Its own folder, empty: wasm-pack optimises every wasm that it finds there, also one that is done already.
      fs.rmSync(raw, { recursive: true, force: true });
      const args = ["build", "--target", "web", "--release", "--mode", "no-install", "--no-pack"];
      args.push("--out-dir", raw, "--out-name", "comfyui_autoflow");
      await step("Compiling to WebAssembly", "wasm-pack", args, {
        env: { ...env, CARGO_ENCODED_RUSTFLAGS: [...INLINING, ...(await remapped())].join("\x1f") },
      });
      fs.mkdirSync(wasm, { recursive: true });
      for (const name of ["comfyui_autoflow.js", "comfyui_autoflow.d.ts"]) {
        fs.copyFileSync(path.join(raw, name), path.join(wasm, name));
      }
      const bytes = fs.readFileSync(path.join(raw, "comfyui_autoflow_bg.wasm"));
      fs.writeFileSync(path.join(wasm, "comfyui_autoflow.wasm"), bytes);
      fs.writeFileSync(path.join(wasm, "wasm_bytes.js"), inlined(bytes));
    },
  );
}

/**
 * A module with the wasm inside, for the entry that works in every bundler without a setting.
 *
 * @param {Buffer} bytes
 */
function inlined(bytes) {
  return [
    "// comfyui_autoflow.wasm as text.",
    'import decode from "./base64.js";',
    `export default decode("${bytes.toString("base64")}");`,
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

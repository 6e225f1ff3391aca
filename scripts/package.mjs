// @ts-check
// Puts pkg/ together from pkg-template/, the compiled crate and the project's own papers.
import fs from "node:fs";
import path from "node:path";
import { nodeModules, pkg, root, target, template, wasm } from "./paths.mjs";
import { filesUnder, madeOf } from "./stamp.mjs";
import { COMPILED } from "./wasm.mjs";

const PAPERS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** @returns {Promise<boolean>} whether anything had to be made */
export async function assemble() {
  const compiled = COMPILED.map((name) => path.relative(root, path.join(wasm, name)));
  const made = await madeOf(
    {
      name: "package",
      inputs: ["pkg-template", ...compiled, "scripts/package.mjs", "package-lock.json", ...PAPERS],
      outputs: [path.join(pkg, "package.json")],
    },
    async () => {
      // Made beside pkg/ and put in its place at the end: a reader never sees half of it.
      const next = path.join(target, "pkg-next");
      fs.rmSync(next, { recursive: true, force: true });
      fs.cpSync(template, next, { recursive: true });
      for (const name of PAPERS.filter((name) => fs.existsSync(path.join(root, name)))) {
        fs.copyFileSync(path.join(root, name), path.join(next, name));
      }
      for (const name of COMPILED) fs.copyFileSync(path.join(wasm, name), path.join(next, name));
      await commonJs(next);
      await inFewFiles(next);
      fs.rmSync(pkg, { recursive: true, force: true });
      fs.renameSync(next, pkg);
    },
  );
  linkPackage();
  return made;
}

/**
 * Makes cjs/: what the `require` entries of `exports` reach, for runtimes that cannot require an ES module (Node before
 * 20.19, Jest). Module by module and not as bundles, so that all CommonJS entries share one instance of the wasm, as all
 * ESM entries do.
 *
 * @param {string} folder
 */
async function commonJs(folder) {
  // Not imported at the top: the first run of this script is what installs it.
  const esbuild = await import("esbuild");
  const out = path.join(folder, "cjs");
  const { exports } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const entries = Object.values(exports)
    .flatMap((entry) => entry.require?.default ?? [])
    .map((entry) => path.posix.join(".", entry.replace("/cjs/", "/")));
  const { metafile, warnings } = await esbuild.build({
    absWorkingDir: folder,
    // Missing entries are reported by publint.
    entryPoints: entries.filter((entry) => fs.existsSync(path.join(folder, entry))),
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    external: ["./client_bytes.js", "./converter_bytes.js"],
    metafile: true,
    write: false,
    logLevel: "silent",
    outdir: out,
  });
  // Its warnings would reach every user.
  if (warnings.length) {
    throw new Error((await esbuild.formatMessages(warnings, { kind: "warning" })).join(""));
  }
  for (const name of Object.keys(metafile.inputs)) {
    const source = fs.readFileSync(path.join(folder, name), "utf8");
    // Dynamic imports become require too: Jest has none.
    const supported = { "dynamic-import": false };
    const { code } = await esbuild.transform(source, { format: "cjs", target: "node20", platform: "node", supported });
    fs.mkdirSync(path.dirname(path.join(out, name)), { recursive: true });
    fs.writeFileSync(path.join(out, name), code);
  }
  // The same declarations again: beside cjs/package.json TypeScript reads them as those of CommonJS modules.
  const types = filesUnder(".", folder).filter((name) => name.endsWith(".d.ts"));
  for (const name of types) fs.cpSync(path.join(folder, name), path.join(out, name));
}

/**
 * Joins the ES modules of each entry: reading forty small files takes Node twice as long as everything else that an import
 * does. What several entries have in common stays one file, so that they share one instance of the wasm. By rolldown:
 * esbuild renames classes and runs shared files before those that they need.
 *
 * @param {string} folder
 */
async function inFewFiles(folder) {
  const { rolldown } = await import("rolldown");
  const { exports } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const entries = Object.values(exports)
    .flatMap((entry) => [entry.import?.default, entry.node?.import.default, entry.workerd?.default])
    // The simulator is used in tests alone. That each entry exists is for publint to say.
    .filter((entry) => entry && !entry.startsWith("./testing/") && fs.existsSync(path.join(folder, entry)));
  // `modules.js` is no entry of users: tests look at its guards.
  const input = [...new Set(entries), "./cli/main.js", "./modules.js"];
  const bundle = await rolldown({
    cwd: folder,
    input: Object.fromEntries(input.map((entry) => [entry.slice("./".length, -".js".length), entry])),
    platform: "neutral",
    external: [/^[^./]/, /_(bytes|file)\.js$/, /\.wasm$/],
    preserveEntrySignatures: "strict",
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name].js",
    comments: false,
    minify: false,
  });
  const made = new Set(output.map(({ fileName }) => path.join(folder, fileName)));
  const joined = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  for (const file of joined) if (path.isAbsolute(file) && !made.has(file)) fs.rmSync(file);
  // What only exports again what others hold is in no list of joined files.
  fs.rmSync(path.join(folder, "node"), { recursive: true });
}

/** Lets the tests import the package by its name, through its own `exports`. */
function linkPackage() {
  const link = path.join(nodeModules, "comfyui-autoflow");
  if (fs.existsSync(link)) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(pkg, link, "junction");
}

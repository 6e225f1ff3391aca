// @ts-check
// What `npm test` consists of.
import path from "node:path";
import { build } from "./build.mjs";
import { conformance } from "./conformance.mjs";
import { NONE, ofCargo, ofNode, one } from "./counts.mjs";
import { pkg } from "./paths.mjs";
import { run } from "./run.mjs";
import { sizeReport } from "./size.mjs";
import { filesUnder } from "./stamp.mjs";

/** @typedef {import("./counts.mjs").Counts} Counts */
/** @typedef {{ env: NodeJS.ProcessEnv, filter?: string }} Context `filter` is a part of a test's or file's name. */
/** @typedef {Counts & { output: string }} Result */

/**
 * @typedef {object} Group
 * @property {string} name
 * @property {string[]} parts what it belongs to, for `npm test -- PART`
 * @property {"rust" | "javascript"} lane groups of one lane run one after the other, lanes beside each other
 * @property {boolean} [built] whether it needs pkg/
 * @property {(context: Context) => Promise<Result>} run
 */

const WASM = ["--target", "wasm32-unknown-unknown"];

/** Our own JavaScript against its annotations, and the published types as projects of several kinds use them. */
const TYPES = [
  "tsconfig.json",
  "tests/types/tsconfig.json",
  "tests/types/tsconfig.bundler.json",
  "tests/types/tsconfig.node16.json",
  "tests/types/node-only/tsconfig.json",
  "tests/types/page-only/tsconfig.json",
];

/** @type {Group[]} */
export const groups = [
  { name: "fmt", parts: ["rust", "lint"], lane: "rust", run: check("cargo", ["fmt", "--check"]) },
  { name: "clippy", parts: ["rust", "lint"], lane: "rust", run: check("cargo", clippy(["--all-targets"])) },
  { name: "clippy-wasm", parts: ["rust", "lint"], lane: "rust", run: check("cargo", clippy(WASM)) },
  { name: "clippy-client", parts: ["rust", "lint"], lane: "rust", run: check("cargo", clippy(oneModule("client"))) },
  {
    name: "clippy-converter",
    parts: ["rust", "lint"],
    lane: "rust",
    run: check("cargo", clippy(oneModule("converter"))),
  },
  { name: "cargo", parts: ["rust"], lane: "rust", run: cargoTest },
  { name: "conformance", parts: ["rust"], lane: "rust", run: ({ env }) => conformance(env) },
  { name: "scripts", parts: ["node"], lane: "javascript", run: nodeTests("tests/scripts") },
  { name: "build", parts: [], lane: "javascript", run: buildPackage },
  { name: "simulator", parts: ["node"], lane: "javascript", run: nodeTests("tests/simulator") },
  { name: "types", parts: ["lint"], lane: "javascript", built: true, run: types },
  { name: "node", parts: [], lane: "javascript", built: true, run: nodeTests("tests/node") },
  { name: "browser", parts: [], lane: "javascript", built: true, run: nodeTests("tests/browser") },
  { name: "www", parts: [], lane: "javascript", built: true, run: nodeTests("tests/www") },
  {
    name: "publint",
    parts: ["package"],
    lane: "javascript",
    built: true,
    run: check("publint", ["--strict", "--pack", "npm", pkg]),
  },
  {
    name: "attw",
    parts: ["package"],
    lane: "javascript",
    built: true,
    // Nothing requires the wasm files as CommonJS.
    run: check("attw", ["--pack", pkg, "--exclude-entrypoints", "client.wasm", "converter.wasm"]),
  },
  { name: "size", parts: ["package"], lane: "javascript", built: true, run: size },
];

/**
 * One of the two wasm modules alone, as it is built.
 *
 * @param {string} feature
 */
function oneModule(feature) {
  return [...WASM, "--no-default-features", "--features", feature];
}

/** @param {string[]} args */
function clippy(args) {
  return ["clippy", ...args, "--", "-D", "warnings"];
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Group["run"]}
 */
function check(program, args) {
  return async ({ env }) => {
    const { code, output } = await run(program, args, { env });
    return { ...one(code), output };
  };
}

/** @type {Group["run"]} */
async function cargoTest({ env, filter }) {
  // SEEDS: the number of stories that tests/simulation.rs plays; its default is a few hundred.
  const args = ["test", "--no-fail-fast", ...(filter ? [filter] : [])];
  const { code, output } = await run("cargo", args, { env: { SEEDS: "20000", FUZZ_SECONDS: "20", ...env } });
  return { ...ofCargo(output, code), output };
}

/** @type {Group["run"]} */
async function buildPackage({ env }) {
  try {
    await build(env);
    return { ...one(0), output: "" };
  } catch (error) {
    return { ...one(1), output: /** @type {Error} */ (error).message };
  }
}

/** @type {Group["run"]} */
async function types({ env }) {
  const results = [];
  for (const project of TYPES) results.push(await run("tsc", ["--project", project], { env }));
  const failed = results.filter(({ code }) => code !== 0);
  const output = failed.map((result) => result.output).join("");
  return { ...NONE, passed: results.length - failed.length, failed: failed.length, output };
}

/**
 * @param {string} folder
 * @returns {Group["run"]}
 */
function nodeTests(folder) {
  return async ({ env, filter }) => {
    let files = filesUnder(folder).filter((file) => file.endsWith(".test.mjs"));
    const named = filter ? files.filter((file) => path.basename(file).includes(filter)) : [];
    if (named.length) files = named;
    if (!files.length) return { ...NONE, output: "" };
    const args = ["--test", "--test-reporter=spec"];
    if (filter && !named.length) args.push(`--test-name-pattern=${filter}`);
    const { code, output } = await run(process.execPath, [...args, ...files], { env });
    return { ...ofNode(output, code), output };
  };
}

/** @type {Group["run"]} */
async function size() {
  const { text, fits } = await sizeReport();
  return { ...one(fits ? 0 : 1), output: text };
}

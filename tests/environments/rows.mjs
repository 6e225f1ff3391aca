// @ts-check
// The matrix: where the package must work, and how that is tried.
import { inFirefox } from "./support/firefox.mjs";
import { job } from "./support/job.mjs";
import {
  built,
  bundle,
  commandLine,
  contentScript,
  inlined,
  page,
  program,
  route,
  separate,
  served,
  split,
  tested,
  withServer,
} from "./support/kinds.mjs";
import { inChromium, inContentScript, inExtension } from "./support/pages.mjs";
import { inWebKit } from "./support/webkit.mjs";

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} project the folder in projects/
 * @property {string[]} [layers] the folders in sources/ that are laid into it
 * @property {import("./support/kinds.mjs").Run} run
 */

const vite = (/** @type {number} */ port) => ["vite", "--port", `${port}`, "--strictPort"];
const viteBuild = ["vite", "build"];
const webpack = ["webpack", "--mode", "production", "--entry", "./main.js"];
const dist = { root: "dist" };

/** Both sides: the client page, and a route that runs on the server. */
const next = (/** @type {string} */ command) =>
  withServer(
    (port) => ["next", command, "--port", `${port}`],
    async (url) => {
      await route(`${url}/run`);
      return job((server) => inChromium(`${url}/?server=${server}`));
    },
  );

/** @type {Row[]} */
export const rows = [
  { name: "vite-8 dev", project: "vite-8", layers: ["page"], run: served(vite) },
  { name: "vite-8 build", project: "vite-8", layers: ["page"], run: built(viteBuild, split, dist) },
  { name: "vite-8 worker dev", project: "vite-8", layers: ["page-worker"], run: served(vite) },
  // Vite makes a worker one file.
  { name: "vite-8 worker build", project: "vite-8", layers: ["page-worker"], run: built(viteBuild, inlined, dist) },
  { name: "vite-8 slim dev", project: "vite-8", layers: ["page-slim"], run: served(vite) },
  { name: "vite-8 slim build", project: "vite-8", layers: ["page-slim"], run: built(viteBuild, separate, dist) },
  { name: "vite-8 ?url dev", project: "vite-8", layers: ["page-slim-url"], run: served(vite) },
  { name: "vite-8 ?url build", project: "vite-8", layers: ["page-slim-url"], run: built(viteBuild, separate, dist) },
  { name: "vite-7 dev", project: "vite-7", layers: ["page"], run: served(vite) },
  { name: "vite-7 build", project: "vite-7", layers: ["page"], run: built(viteBuild, split, dist) },
  { name: "vite-7 slim dev", project: "vite-7", layers: ["page-slim"], run: served(vite) },
  { name: "vite-7 slim build", project: "vite-7", layers: ["page-slim"], run: built(viteBuild, separate, dist) },
  { name: "webpack-5", project: "webpack-5", layers: ["page"], run: built(webpack, split) },
  { name: "webpack-5 worker", project: "webpack-5", layers: ["page-worker"], run: built(webpack, split) },
  { name: "webpack-5 slim", project: "webpack-5", layers: ["page-slim"], run: built(webpack, separate) },
  {
    name: "esbuild",
    project: "esbuild",
    layers: ["page"],
    run: built(["esbuild", "main.js", "--bundle", "--minify", "--outdir=dist"], inlined),
  },
  { name: "esbuild-node import", project: "esbuild-node", run: bundledProgram("main.mjs", "esm", "out.mjs") },
  { name: "esbuild-node require", project: "esbuild-node", run: bundledProgram("main.cjs", "cjs", "out.cjs") },
  {
    name: "esbuild splitting",
    project: "esbuild",
    layers: ["page"],
    run: built(["esbuild", "main.js", "--bundle", "--minify", "--splitting", "--format=esm", "--outdir=dist"], split),
  },
  {
    name: "esbuild content script",
    project: "content-script",
    run: contentScript(["esbuild", "content.js", "--bundle", "--minify", "--format=iife", "--outdir=dist"], inContentScript),
  },
  {
    name: "rollup-4",
    project: "rollup-4",
    layers: ["page"],
    run: built(["rollup", "main.js", "--plugin", "node-resolve", "--dir", "dist"], split),
  },
  {
    name: "rollup-4 one file",
    project: "rollup-4",
    layers: ["page"],
    run: built(["rollup", "main.js", "--plugin", "node-resolve", "--file", "dist/main.js", "--inlineDynamicImports"], inlined),
  },
  {
    name: "parcel-2",
    project: "parcel-2",
    layers: ["page"],
    run: built(["parcel", "build", "index.html", "--no-cache", "--public-url", "./"], split, dist),
  },
  { name: "next-16 dev", project: "next-16", run: next("dev") },
  {
    name: "next-16 build",
    project: "next-16",
    run: async (project) => {
      await bundle(project, ["next", "build"], ".next/static", split);
      return next("start")(project);
    },
  },

  ...pages("chromium", inChromium),
  ...pages("firefox", inFirefox),
  ...pages("webkit", inWebKit),
  {
    name: "chromium extension",
    project: "extension",
    run: (project) => job((server) => inExtension(project.folder, server)),
  },
  { name: "command line", project: "command-line", run: commandLine },
  ...node("node-20.0", { ws: true }),
  ...node("node-20", { ws: true }),
  {
    name: "node-20 flag",
    project: "node-20",
    layers: ["program"],
    run: program(["node", "--experimental-websocket", "main.mjs"]),
  },
  {
    name: "node-20 polling",
    project: "node-20",
    layers: ["program"],
    run: program(["node", "main.mjs"], { how: "polled" }),
  },
  ...node("node-22"),
  ...node("node-24"),
  ...node("node-26"),
  { name: "jest-30", project: "jest-30", run: tested(["jest"]) },
  { name: "vitest-5", project: "vitest-5", run: tested(["vitest", "run"]) },
  { name: "deno-2", project: "deno-2", layers: ["program"], run: program(["deno", "run", "--allow-all", "main.mjs"]) },
  { name: "bun-1 import", project: "bun-1", layers: ["program"], run: program(["bun", "main.mjs"]) },
  { name: "bun-1 require", project: "bun-1", layers: ["program"], run: program(["bun", "main.cjs"]) },
  {
    name: "workerd",
    project: "workerd",
    run: async (project) => {
      await bundle(project, ["wrangler", "deploy", "--dry-run", "--outdir", "dist"], "dist", separate);
      return withServer((port) => ["wrangler", "dev", "--port", `${port}`], route)(project);
    },
  },
];

/**
 * Pages without a bundler, under the content security policy of docs/page.md.
 *
 * @param {string} name
 * @param {import("./support/kinds.mjs").Browser} browser
 * @returns {Row[]}
 */
function pages(name, browser) {
  return [
    { name: `${name} module`, project: "page", run: page("module.html?", browser) },
    { name: `${name} worker`, project: "page", run: page("workers.html?kind=dedicated", browser) },
    { name: `${name} shared worker`, project: "page", run: page("workers.html?kind=shared", browser) },
    { name: `${name} service worker`, project: "page", run: page("workers.html?kind=service", browser) },
  ];
}

/**
 * A server in one file.
 *
 * @param {string} entry
 * @param {string} format
 * @param {string} out
 * @returns {import("./support/kinds.mjs").Run}
 */
function bundledProgram(entry, format, out) {
  return async (project) => {
    const command = ["esbuild", entry, "--bundle", "--platform=node", `--format=${format}`, `--outfile=dist/${out}`];
    await bundle(project, command, "dist", inlined);
    return program(["node", `dist/${out}`])(project);
  };
}

/**
 * @param {string} project
 * @param {Parameters<typeof program>[1]} [options]
 * @returns {Row[]}
 */
function node(project, options) {
  return [
    { name: `${project} import`, project, layers: ["program"], run: program(["node", "main.mjs"], options) },
    { name: `${project} require`, project, layers: ["program"], run: program(["node", "main.cjs"], options) },
  ];
}

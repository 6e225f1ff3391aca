// @ts-check
// The kinds of environment: how the main job is brought to run in each.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { transform } from "esbuild";
import { serve } from "../../../scripts/serve.mjs";
import { job } from "./job.mjs";
import { inChromium } from "./pages.mjs";
import { textToImage } from "../sources/main-job.js";
import { Program, freePort, within } from "./processes.mjs";

/** @typedef {import("./job.mjs").Outcome} Outcome */
/** @typedef {import("./project.mjs").Project} Project */
/** @typedef {(project: Project) => Promise<Outcome>} Run */
/** @typedef {(url: string) => Promise<Outcome>} Browser */

/** Client and converter are each inside a script of their own, and nowhere else: the converter is loaded later. */
export const split = { files: 0, inlined: [1, 1] };

/** Both are inside the one script. */
export const inlined = { files: 0, inlined: [2] };

/** What webpack says of every script or asset above 244 KiB. */
const ABOUT_SIZE = /size limit|performance recommendations|compiled with \d+ warning/;

/** Each is a file. */
export const separate = { files: 2, inlined: [] };

/**
 * A page that a bundler made, served as files.
 *
 * @param {string[]} command
 * @param {import("./project.mjs").WasmCount} wasm what must be in dist/
 * @param {{ root?: string }} [options] where index.html is
 * @returns {Run}
 */
export function built(command, wasm, { root = "" } = {}) {
  return async (project) => {
    await bundle(project, command, "dist", wasm);
    return files(project, root);
  };
}

/**
 * A content script that a bundler made.
 *
 * @param {string[]} command
 * @param {(folder: string, url: string) => Promise<Outcome>} browser
 * @returns {Run}
 */
export function contentScript(command, browser) {
  return async (project) => {
    await bundle(project, command, "dist", inlined);
    return files(project, "", "?", (url) => browser(project.folder, url));
  };
}

/**
 * Runs a bundler, which must not warn of anything.
 *
 * @param {Project} project
 * @param {string[]} command
 * @param {string} folder what it makes
 * @param {import("./project.mjs").WasmCount} wasm what must be in there
 */
export async function bundle(project, [name, ...args], folder, wasm) {
  const bundler = project.start(name, args);
  await bundler.finish();
  const said = bundler.output.split("\n").filter((line) => /\bwarn/i.test(line) && !ABOUT_SIZE.test(line));
  assert.deepEqual(said, [], "the bundler warns");
  assert.deepEqual(project.wasmIn(folder), wasm, `the wasm in ${folder}/`);
}

/**
 * A page of a development server.
 *
 * @param {(port: number) => string[]} command
 * @returns {Run}
 */
export function served(command) {
  return withServer(command, (url) => job((server) => inChromium(`${url}/?server=${server}`)));
}

/**
 * A page without a bundler.
 *
 * @param {string} address file and query
 * @param {Browser} browser
 * @returns {Run}
 */
export function page(address, browser) {
  return (project) => files(project, "", address, browser);
}

/**
 * @param {Project} project
 * @param {string} root
 * @param {string} [address]
 * @param {Browser} [browser]
 */
async function files(project, root, address = "?", browser = inChromium) {
  const server = await serve({ "/": `${project.folder}/${root}` });
  try {
    return await job((simulator) => browser(`${server.url}/${address}&server=${simulator}`));
  } finally {
    await server.close();
  }
}

/**
 * A program that prints its outcome, and then ends by itself.
 *
 * @param {string[]} command
 * @param {{ ws?: boolean, how?: "live" | "polled" }} [options] whether the socket of the package `ws` is handed over
 * @returns {Run}
 */
export function program([name, ...args], { ws = false, how = "live" } = {}) {
  return (project) =>
    job(async (server) => {
      const printed = await project.start(name, [...args, server, ...(ws ? ["ws"] : [])]).finish();
      return JSON.parse(printed);
    }, how);
}

/**
 * Tests that a test runner runs: they find the server in server.json, and leave what came of it in outcome.json.
 *
 * @param {string[]} command
 * @returns {Run}
 */
export function tested([name, ...args]) {
  return (project) =>
    job(async (server) => {
      const file = (/** @type {string} */ name) => path.join(project.folder, name);
      // For runners that read CommonJS only.
      const { code } = await transform(fs.readFileSync(file("main-job.js"), "utf8"), { format: "cjs" });
      fs.writeFileSync(file("main-job.cjs"), code);
      fs.writeFileSync(file("server.json"), JSON.stringify(server));
      await project.start(name, args).finish();
      return JSON.parse(fs.readFileSync(file("outcome.json"), "utf8"));
    });
}

/**
 * The command line, as npm links it.
 *
 * @type {Run}
 */
export async function commandLine(project) {
  const options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  await new Program("npm", ["install", ...options, project.tarball], project.folder).finish();
  const input = path.join(project.folder, "prompt.json");
  fs.writeFileSync(input, JSON.stringify(textToImage(1)));
  return job(async (server) => {
    const args = ["--submit", "--input-path", input, "--server-url", server];
    const autoflow = project.start("autoflow", [...args, "--save-images", "pictures", "--filepattern", "{filename}"]);
    const [, picture] = (await autoflow.finish()).trim().split("\n");
    const events = autoflow.stderr.trim().split("\n").map((line) => JSON.parse(line));
    const connection = events.flatMap(({ type, data }) => (type === "connection" ? [data.state] : []));
    const bytes = [...fs.readFileSync(path.join(project.folder, picture))];
    const filename = path.basename(picture);
    return { events: events.map(({ type }) => type), connection, picture: { filename, subfolder: "", bytes } };
  });
}

/**
 * A server that a project starts.
 *
 * @param {(port: number) => string[]} command
 * @param {(url: string) => Promise<Outcome>} use
 * @returns {Run}
 */
export function withServer(command, use) {
  return async (project) => {
    const port = await freePort();
    const [name, ...args] = command(port);
    const server = project.start(name, args);
    try {
      await server.listens(port);
      return await use(`http://localhost:${port}`);
    } catch (error) {
      if (error instanceof Error) error.message += `\n${server.output}`;
      throw error;
    } finally {
      await server.stop();
    }
  };
}

/**
 * The main job behind a route that answers with its outcome.
 *
 * @param {string} url
 */
export async function route(url) {
  return job(async (server) => {
    const answer = fetch(`${url}?server=${server}`).then((response) => response.text());
    const text = await within(answer, () => new Error(`no answer of ${url}`));
    return text.startsWith("{") ? JSON.parse(text) : { error: text };
  });
}

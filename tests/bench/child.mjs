// @ts-check
// Runs one competitor at one task in a fresh process, and waits for it no longer than it may take.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { say } from "../../scripts/run.mjs";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "autoflow-bench-"));
/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  fs.rmSync(home, { recursive: true, force: true });
});
const here = path.dirname(fileURLToPath(import.meta.url));

/** @typedef {{ program: string, args: string[], env?: NodeJS.ProcessEnv }} Command */
/** @typedef {Record<string, any> & { failed?: string }} Result what it printed after RESULT; `failed` says why there is nothing */

/** A client from npm. @param {string} task @param {string} name @param {object} work @returns {Command} */
export function nodeClient(task, name, work) {
  return { program: process.execPath, args: [path.join(here, "client-process.mjs"), task, name, JSON.stringify(work)] };
}

/** A script of this folder. @param {string} name @param {object} work @returns {Command} */
export function script(name, work) {
  return { program: process.execPath, args: [path.join(here, name), JSON.stringify(work)] };
}

/** A client from PyPI. @param {string} python @returns {typeof nodeClient} */
export function pythonClient(python) {
  return (task, name, work) => ({
    program: python,
    args: [path.join(here, "clients.py"), task, name, JSON.stringify(work)],
    // comfy-cli keeps its runs in the home folder.
    env: { HOME: home, DO_NOT_TRACK: "1" },
  });
}

/**
 * @param {Command} command
 * @param {{ boundMs?: number, onLine?: (line: string) => void }} [options]
 * @returns {Promise<Result>}
 */
export function measured({ program, args, env }, { boundMs = 120_000, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: here, env: { ...process.env, NO_COLOR: "1", ...env }, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      if (onLine) text.split("\n").forEach(onLine);
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-4000)));
    let late = false;
    const timer = setTimeout(() => ((late = true), child.kill("SIGKILL")), boundMs);
    child.once("error", (error) => resolve({ failed: error.message }));
    child.once("close", (code) => {
      running.delete(child);
      clearTimeout(timer);
      // Some clients speak on standard output too.
      const answer = stdout.split("\n").findLast((line) => line.startsWith("RESULT "));
      if (answer) return resolve(JSON.parse(answer.slice("RESULT ".length)));
      if (late) return resolve({ failed: `not within ${boundMs / 1000} s`, late: true });
      // Node ends with this code when nothing is left that could still settle a promise.
      if (code === 13) return resolve({ failed: "never", late: true });
      if (process.env.DEBUG) say(stderr);
      resolve({ failed: (stderr.trimEnd().split("\n").at(-1) || "no answer").slice(0, 200) });
    });
  });
}

/**
 * Each competitor once a round, in turns, so that a busy moment of the machine disturbs all of them.
 *
 * @param {number} rounds
 * @param {string[]} names
 * @param {(name: string, round: number) => Promise<Result>} measure
 * @returns {Promise<Map<string, Result[]>>}
 */
export async function inTurns(rounds, names, measure) {
  /** @type {Map<string, Result[]>} */
  const results = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, list] of results) {
      // Who failed once is not asked again.
      if (!list.some(({ failed }) => failed)) list.push(await measure(name, round));
    }
  }
  return results;
}

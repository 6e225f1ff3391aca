// @ts-check
// The command line as a user calls it.
import { spawn } from "node:child_process";
import path from "node:path";
import { pkg } from "../../../scripts/paths.mjs";

/** Where the command is. */
export const CLI = path.join(pkg, "cli.js");

/** The environment of a call, without what whoever runs the tests has set. */
export const ENVIRONMENT = { ...process.env, AUTOFLOW_COMFYUI_SERVER_URL: "" };

/**
 * Calls autoflow in a folder.
 *
 * @param {string} folder
 * @param {string[]} args
 * @param {{ input?: string | Uint8Array, env?: Record<string, string>, onStdout?: (text: string, child: import("node:child_process").ChildProcess) => void }} [options]
 */
export async function call(folder, args, { input = "", env = {}, onStdout } = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { ...ENVIRONMENT, ...env } });
  const result = { code: -1, stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    result.stdout += text;
    onStdout?.(result.stdout, child);
  });
  child.stderr.on("data", (text) => (result.stderr += text));
  child.stdin.end(input);
  result.code = await new Promise((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  return result;
}

/** @param {string} text */
export const lines = (text) => text.split("\n").filter(Boolean);

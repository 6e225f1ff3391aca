// @ts-check
// A program in a terminal, and what stands on its screen. `script` gives it the terminal: every Linux and macOS has it.
import { spawn, spawnSync } from "node:child_process";

/** Why there is no terminal here, or false. */
export const NO_TERMINAL = spawnSync("script", ["-c", "true", "/dev/null"]).error ? "there is no `script` here" : false;

/**
 * Runs a command line of the shell in a terminal of so many columns, to its end.
 *
 * @param {string} command
 * @param {{ columns: number, cwd: string }} options
 */
export async function inTerminal(command, { columns, cwd }) {
  const inside = `stty cols ${columns} rows 24 && ${command}`;
  // That of the BSDs takes a command as arguments, that of util-linux as an option.
  const bsd = ["darwin", "freebsd", "openbsd"].includes(process.platform);
  const args = bsd ? ["-q", "/dev/null", "sh", "-c", inside] : ["-qec", inside, "/dev/null"];
  const env = { ...process.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", TERM: "xterm-256color", SHELL: "/bin/sh" };
  for (const name of ["CI", "NO_COLOR", "FORCE_COLOR", "NODE_TEST_CONTEXT"]) delete (/** @type {any} */ (env)[name]);
  const child = spawn("script", args, { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (written += text));
  const code = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  return { code, written, ...screen(written, columns) };
}

/**
 * What a terminal shows of a text in the end, and every line as it stood when its end was erased: each drawing of a bar.
 * Only what a bar needs is understood; anything else would look different from one terminal to another.
 *
 * @param {string} text
 * @param {number} columns
 */
export function screen(text, columns) {
  /** @type {string[]} */
  const lines = [""];
  /** @type {string[]} */
  const drawn = [];
  let [row, column] = [0, 0];
  for (const [part, colour, erase] of text.matchAll(/(\x1b\[\d*m)|(\x1b\[K)|[^]/gu)) {
    if (colour) continue;
    const line = lines[row];
    if (erase) {
      lines[row] = line.slice(0, column);
      drawn.push(lines[row]);
    } else if (part === "\r") {
      column = 0;
    } else if (part === "\n") {
      if (++row === lines.length) lines.push("");
    } else if (part < " ") {
      throw new Error(`a bar does not write ${JSON.stringify(part)}, in ${JSON.stringify(text)}`);
    } else {
      if (column === columns) {
        column = 0;
        if (++row === lines.length) lines.push("");
      }
      lines[row] = lines[row].slice(0, column).padEnd(column) + part + lines[row].slice(column + 1);
      column++;
    }
  }
  return { lines: lines.filter((line) => line !== ""), drawn };
}

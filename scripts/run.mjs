// @ts-check
// Runs other programs and reports their progress.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/** The interval of progress lines where standard error is not a terminal. */
const HEARTBEAT_MS = 20_000;

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a program to its end and keeps what it printed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>} `output` is both streams as they came.
 */
export function run(program, args, { cwd = root, env = process.env, onOutput } = {}) {
  return new Promise((resolve) => {
    // A Windows shim (npm.cmd, rustup.exe behind a script) needs the shell to be found.
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    let stdout = "";
    /** @param {string} text */
    const keep = (text) => {
      output += text;
      onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => resolve({ code: 127, output: `${output}${program}: ${error.message}\n`, stdout }));
    child.on("close", (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output, stdout }));
  });
}

/**
 * Runs one step of the set-up or build: says what it does, shows that it goes on, and throws with what the program
 * printed when it fails.
 *
 * @param {string} what
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function step(what, program, args, options = {}) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const terminal = process.stderr.isTTY;
  let last = "";
  if (!terminal) say(`${what} …`);
  const ticker = setInterval(
    () => {
      const line = `${what} … ${seconds()}  ${last}`;
      if (terminal) process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      else say(`  ${seconds()}: ${last}`);
    },
    terminal ? 200 : HEARTBEAT_MS,
  );
  try {
    const onOutput = (/** @type {string} */ text) => (last = text.trim().split("\n").pop()?.trim() || last);
    const { code, output, stdout } = await run(program, args, { ...options, onOutput });
    if (terminal) process.stderr.write("\r\x1b[K");
    if (code !== 0) throw new Error(`${what} failed (${program} ${args.join(" ")}):\n${output.trimEnd()}`);
    say(terminal ? `${what}: ${seconds()}` : `  done in ${seconds()}`);
    return stdout;
  } finally {
    clearInterval(ticker);
  }
}

/**
 * The entry of a script: its failure is a message, not a stack.
 *
 * @param {() => Promise<void>} main
 */
export function script(main) {
  main().catch((error) => {
    say(process.env.DEBUG ? error.stack : error.message);
    process.exitCode = 1;
  });
}

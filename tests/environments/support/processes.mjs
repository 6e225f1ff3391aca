// @ts-check
// Runs the programs of a project: those that end, and servers that go on.
import { spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";

/** Compilers on a small, busy machine take their time; what takes longer hangs. */
const LIMIT_MS = 300_000;

/** Nobody's settings decide what is found, and nothing asks the network for news. */
const QUIET = {
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  DENO_NO_UPDATE_CHECK: "1",
};
const UNWANTED = /^(AUTOFLOW_|NODE_OPTIONS$|FORCE_COLOR$|NODE_ENV$)/;

const posix = process.platform !== "win32";

/** This machine cannot run a row: a browser is missing. */
export class Missing extends Error {}

/** @type {Set<Program>} */
const alive = new Set();
process.once("exit", () => alive.forEach((program) => program.signal("SIGKILL")));

/** A program that was started, with what it printed. */
export class Program {
  /**
   * @param {string} command
   * @param {string[]} args
   * @param {string} cwd
   */
  constructor(command, args, cwd) {
    this.name = [command, ...args].join(" ");
    this.output = "";
    this.stdout = "";
    this.stderr = "";
    const inherited = Object.entries(process.env).filter(([name]) => !UNWANTED.test(name));
    // As npm does for scripts: a project's own programs before the system's.
    const PATH = [path.join(cwd, "node_modules", ".bin"), process.env.PATH].join(path.delimiter);
    // A group of its own, so that what it starts ends with it.
    this.child = spawn(command, args, {
      cwd,
      env: { ...Object.fromEntries(inherited), ...QUIET, PATH },
      stdio: ["ignore", "pipe", "pipe"],
      detached: posix,
      shell: !posix,
    });
    this.child.stdout.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
      this.output += text;
    });
    this.child.stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
      this.output += text;
    });
    alive.add(this);
    /** @type {Promise<number>} */
    this.ended = new Promise((resolve) => {
      const end = (/** @type {number} */ code) => {
        alive.delete(this);
        resolve(code);
      };
      this.child.once("error", (error) => {
        this.output += error.message;
        end(127);
      });
      this.child.once("close", (code) => end(code ?? 1));
    });
  }

  /**
   * Waits for it to end by itself.
   *
   * @returns {Promise<string>} its standard output
   */
  async finish() {
    const code = await within(this.ended, () => this.failure("did not end"));
    if (code !== 0) throw this.failure(`ended with ${code}`);
    return this.stdout;
  }

  /**
   * Waits until a server listens.
   *
   * @param {number} port
   */
  async listens(port) {
    let over = false;
    this.ended.then(() => (over = true));
    const connected = async () => {
      while (!(await connects(port))) {
        if (over) throw this.failure("ended");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await within(connected(), () => {
      over = true;
      return this.failure(`does not listen on port ${port}`);
    });
  }

  /** Ends it and what it started. */
  async stop() {
    this.signal("SIGTERM");
    const killer = setTimeout(() => this.signal("SIGKILL"), 5_000);
    await this.ended;
    clearTimeout(killer);
    // Children that did not listen.
    this.signal("SIGKILL");
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    try {
      if (this.child.pid === undefined) return;
      if (posix) process.kill(-this.child.pid, signal);
      else this.child.kill(signal);
    } catch {
      // Gone already.
    }
  }

  /** @param {string} what */
  failure(what) {
    return new Error(`${this.name} ${what}:\n${this.output.trimEnd()}`);
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {() => Error} late
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 */
export async function within(promise, late, limitMs = LIMIT_MS) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const limit = new Promise((_, reject) => (timer = setTimeout(() => reject(late()), limitMs)));
  try {
    return /** @type {T} */ (await Promise.race([promise, limit]));
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} port */
async function connects(port) {
  // Servers that listen on "localhost" may do so on either address.
  const tries = ["127.0.0.1", "::1"].map(
    (host) =>
      new Promise((resolve, reject) => {
        const socket = net.connect({ host, port });
        socket.once("error", reject).once("connect", () => {
          socket.destroy();
          resolve(true);
        });
      }),
  );
  return Promise.any(tries).catch(() => false);
}

/** @returns {Promise<number>} a port that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

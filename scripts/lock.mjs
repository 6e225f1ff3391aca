// @ts-check
// Keeps two processes from setting up or building the same thing at the same time.
import fs from "node:fs";
import path from "node:path";
import { say } from "./run.mjs";

const BEAT_MS = 2_000;
/** A lock without an update for this time was left by a process that was killed. */
const STALE_MS = 20_000;

/**
 * Runs `body` while no other process holds `file`. The holder updates the file regularly. Unlike a process id, this
 * works across containers that share a cache.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function locked(file, body) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let said = false;
  while (!acquire(file)) {
    if (!said) say(`Waiting for another process that works on ${path.basename(file, ".lock")} …`);
    said = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const beat = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now, () => {});
  }, BEAT_MS);
  const release = () => fs.rmSync(file, { force: true });
  const stop = (/** @type {NodeJS.Signals} */ signal) => process.exit(signal === "SIGINT" ? 130 : 143);
  process.once("exit", release).once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await body();
  } finally {
    clearInterval(beat);
    process.off("exit", release).off("SIGINT", stop).off("SIGTERM", stop);
    release();
  }
}

/** @param {string} file */
function acquire(file) {
  try {
    fs.writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > STALE_MS) fs.rmSync(file, { force: true });
  return false;
}

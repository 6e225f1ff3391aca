// @ts-check
// However a run ends, the process then exits by itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const child = fileURLToPath(new URL("support/play-and-exit.mjs", import.meta.url));
const [major] = process.versions.node.split(".").map(Number);
// Node 20 has a WebSocket of its own only when it is asked to.
const flags = major < 22 ? ["--experimental-websocket", "--no-warnings"] : [];

/** One scenario for each way in which a run can end. */
const ENDINGS = [
  "a run tells of every step, ends with one completed, and gives its picture",
  "a completed run that no frame told of ends by its history",
  "a failed run that no frame told of ends by its history, node and message named",
  "an interrupted run that no frame told of ends by its history",
  "a server that restarts in the middle of a run ends it as vanished",
  "a wait for a server that is not there fails at once, and leaves no one to call",
  "a prompt that the server finds wrong is invalid_prompt, told node by node",
  "aborting a running prompt stops it at once, and the next one runs (old server)",
  "an abort before the prompt is sent sends none",
  "an abort while the prompt is being sent cancels what the server took (wait: true)",
  "cancel() stops a running prompt and tells that the server had it (new server)",
  "the wait timeout ends the waiting and not the run; its message tells how to pick it up",
  "leaving the iteration stops the listening, and the run goes on",
  "a socket that is stale after a dropped connection is replaced, and brings the rest",
  "a callback that throws, or rejects, is reported and does not stop the run",
  "wait: false resolves when the server has the prompt; waiting later still gets everything",
];

test("with the runtime's own WebSocket the process exits by itself after every kind of end", async () => {
  // The time limit is for a process that does not.
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, ...ENDINGS], { timeout: 120_000 });
  const [last] = stdout.trim().split("\n").slice(-1);
  assert.deepEqual(JSON.parse(last), { left: [], socket: "function" });
});

// @ts-check
// What the environment of a process sets, and what is done where a runtime lacks something.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import * as api from "comfyui-autoflow";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { rejects } from "../scenarios/harness.mjs";
import { shownText } from "../scenarios/prompts.mjs";
import { recorder } from "../scenarios/runs.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

/** @type {import("comfyui-autoflow/testing").Simulator} */
let sim;
before(async () => (sim = await startSimulator({ lab: true })));
after(() => sim.close());
afterEach(() => {
  sim.faults.clear();
  sim.resume();
  for (const name of Object.keys(process.env)) if (name.startsWith("AUTOFLOW_")) delete process.env[name];
});

test("AUTOFLOW_WS_IDLE_TIMEOUT_S says after how much silence the server is asked", async () => {
  sim.faults.muteSocket({ at: 1 });
  const controller = new AbortController();
  // The default is five seconds: who waits that long comes later.
  const slow = api.submit(shownText("slow"), { serverUrl: sim.url, wait: true, signal: controller.signal });
  process.env.AUTOFLOW_WS_IDLE_TIMEOUT_S = "0.05";
  const heard = recorder();
  const quick = api.submit(shownText("quick"), { serverUrl: sim.url, wait: true, onEvent: heard });
  const first = await Promise.race([slow.then(() => "slow"), quick.then(() => "quick")]);
  assert.deepEqual([first, heard.end().detected_by], ["quick", "history"]);
  controller.abort();
  await rejects(slow, { name: "AbortError" });
});

test("an option is stronger than the environment", async () => {
  sim.faults.muteSocket({ at: 1 });
  process.env.AUTOFLOW_WS_IDLE_TIMEOUT_S = "3600";
  process.env.AUTOFLOW_POLL_INTERVAL_S = "3600";
  process.env.AUTOFLOW_COMFYUI_SERVER_URL = "http://127.0.0.1:1";
  const options = { serverUrl: sim.url, wait: true, idleTimeoutMs: 50, pollIntervalMs: 20 };
  assert.equal((await api.submit(shownText("option"), options)).status, "completed");
});

test("AUTOFLOW_COMFYUI_SERVER_URL names the server", async () => {
  process.env.AUTOFLOW_COMFYUI_SERVER_URL = sim.url;
  const run = await api.submit(shownText("url"), { wait: true });
  assert.equal(run.status, "completed");
  assert.equal((await api.Submission.fromPromptId(run.promptId, {}).wait()).status, "completed");
});

test("AUTOFLOW_WAIT_TIMEOUT_S ends the waiting", async () => {
  sim.pause();
  process.env.AUTOFLOW_WAIT_TIMEOUT_S = "0.1";
  await rejects(api.submit(shownText("timeout"), { serverUrl: sim.url, wait: true }), { code: "timeout" });
});

test("a variable that is no number of seconds is refused by its name", async () => {
  for (const name of ["AUTOFLOW_WS_IDLE_TIMEOUT_S", "AUTOFLOW_POLL_INTERVAL_S", "AUTOFLOW_WAIT_TIMEOUT_S"]) {
    for (const value of ["soon", "-1", "0"]) {
      process.env[name] = value;
      const error = await rejects(api.submit(shownText(), { serverUrl: sim.url, wait: true }), { code: "bad_input" });
      assert.equal(error.message, `${name} must be a number of seconds above 0.`);
    }
    delete process.env[name];
  }
  process.env.AUTOFLOW_COMFYUI_SERVER_URL = "nowhere";
  await rejects(api.submit(shownText(), {}), { code: "bad_input", message: /server URL/ });
});

test("a variable that is empty is as good as absent", async () => {
  process.env.AUTOFLOW_WAIT_TIMEOUT_S = "";
  assert.equal((await api.submit(shownText("empty"), { serverUrl: sim.url, wait: true })).status, "completed");
});

test("what a callback throws is printed where there is no reportError", async (t) => {
  const printed = t.mock.method(console, "error", () => {});
  const usual = globalThis.reportError;
  Reflect.deleteProperty(globalThis, "reportError");
  const error = new Error("mine");
  const onEvent = () => {
    throw error;
  };
  await api.submit(shownText("throws"), { serverUrl: sim.url, wait: true, onEvent });
  if (usual) globalThis.reportError = usual;
  assert.equal(printed.mock.calls.every((call) => call.arguments[0] === error), true);
  assert.equal(printed.mock.callCount() > 5, true);
});

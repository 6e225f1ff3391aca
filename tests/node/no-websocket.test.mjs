// @ts-check
// A runtime that has no WebSocket, as Node 20: runs are followed by asking, and the process is kept by nothing else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as api from "comfyui-autoflow";
import { startSimulator } from "comfyui-autoflow/testing";
import { rejects } from "../scenarios/harness.mjs";
import { counting, endless, failing } from "../scenarios/prompts.mjs";
import { recorder } from "../scenarios/runs.mjs";

Reflect.deleteProperty(globalThis, "WebSocket");

/** @type {import("comfyui-autoflow/testing").Simulator} */
let sim;
before(async () => (sim = await startSimulator({ lab: true })));
after(() => sim.close());

const options = () => ({ serverUrl: sim.url, wait: true, pollIntervalMs: 30 });

test("a run is followed to its end, outputs included", async () => {
  const heard = recorder();
  const run = await api.submit(counting(), { ...options(), onEvent: heard });
  assert.deepEqual([heard.end().type, heard.end().detected_by], ["completed", "history"]);
  const [{ data }, ...more] = heard.of("connection");
  assert.deepEqual([data.state, data.reason, more.length], ["polling", "this runtime has no WebSocket; one can be passed as the option webSocket", 0]);
  assert.deepEqual(heard.types("submitted", "executed", "completed"), ["submitted", "executed", "completed"]);
  assert.deepEqual(Object.keys(run.outputs), ["2"]);
  assert.equal(sim.requests.some(({ route }) => route === "GET /ws"), false);
});

test("a failure names its node", async () => {
  const error = await rejects(api.submit(failing("boom"), options()), { code: "execution_error", nodeId: "3" });
  assert.match(error.message, /boom/);
});

test("a run is cancelled", async () => {
  const heard = recorder();
  const controller = new AbortController();
  const call = api.submit(endless(), { ...options(), onEvent: heard, signal: controller.signal });
  const { prompt_id } = await heard.heard("queue");
  const done = sim.waitFor("prompt_done", prompt_id);
  controller.abort();
  await rejects(call, { name: "AbortError" });
  assert.equal((await done).status, "error");
});

test("what the socket alone tells is refused at once, under the name of the call, and says which option mends it", () => {
  const comfy = new api.ComfyClient({ serverUrl: sim.url });
  const hint = { option: "webSocket", advice: "pass_web_socket" };
  for (const [name, call] of /** @type {const} */ ([["listen", () => comfy.listen(() => {})], ["events", () => comfy.events()]])) {
    assert.throws(call, (/** @type {any} */ error) => {
      assert.deepEqual([error.name, error.code, error.hint], ["ComfyError", "unsupported", hint]);
      assert.match(error.message, new RegExp(`^${name} needs a WebSocket, and this runtime has none\\. .*option webSocket`));
      return true;
    });
  }
});

test("a WebSocket that is handed over to a client is listened to", async () => {
  const { WebSocket } = await import("ws");
  const comfy = new api.ComfyClient({ serverUrl: sim.url, webSocket: WebSocket });
  for await (const { type, data } of comfy.events()) {
    assert.deepEqual([type, /** @type {any} */ (data).state], ["connection", "open"]);
    break;
  }
});

test("a WebSocket that is handed over is used all the same", async () => {
  const { WebSocket } = await import("ws");
  const heard = recorder();
  await api.submit(counting({ seed: 1 }), { ...options(), webSocket: WebSocket, onEvent: heard });
  assert.equal(heard.end().detected_by, undefined);
});

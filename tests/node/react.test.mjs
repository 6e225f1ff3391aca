// @ts-check
// The hooks of `comfyui-autoflow/react`, on a stand-in for React that mounts each component twice, as StrictMode does.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { textToImage } from "../scenarios/prompts.mjs";
import { until } from "../scenarios/runs.mjs";
import { mount } from "./support/hooks.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);
const standIn = new URL("./support/hooks.mjs", import.meta.url).href;
const resolve = `export const resolve = (name, context, next) => name === "react" ? { url: ${JSON.stringify(standIn)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolve)}`);
const { useRun, useServer } = await import("comfyui-autoflow/react");

test("useServer waits for the server, follows its queue, and leaves nothing open", async () => {
  const server = await startSimulator({ stepMs: 5 });
  server.faults.failRequests({ route: "GET /system_stats", how: 503, times: 1 });
  const view = mount(() => useServer(server.url));
  assert.equal(view.current.status, "starting");
  await until(() => view.current.status === "ready" && view.current.queue !== null, "it is ready");
  assert.ok(view.current.stats?.system.comfyui_version);
  server.pause();
  const { comfy } = view.current;
  const run = await comfy.submit(textToImage());
  await until(() => view.current.queue?.pending[0]?.promptId === run.promptId, "the queue shows it");
  server.resume();
  await until(() => view.current.queue?.pending.length === 0 && view.current.queue.running.length === 0, "it is empty again");
  assert.equal(view.current.comfy, comfy, "the same client all the time");
  assert.equal(server.socketCount(), 1);
  view.unmount();
  await until(() => server.socketCount() === 0, "the socket is closed");
  await server.close();
});

test("useServer says that a login is refused", async () => {
  const server = await startSimulator({ auth: { token: "secret" } });
  const view = mount(() => useServer({ serverUrl: server.url }));
  await until(() => view.current.status === "failed", "it has failed");
  assert.equal(/** @type {any} */ (view.current.error).code, "unauthorized");
  view.unmount();
  await server.close();
});

test("useRun shows a run until its pictures, and one run at a time", async () => {
  const server = await startSimulator({ stepMs: 5 });
  const view = mount(() => useRun(server.url));
  assert.equal(view.current.status, "idle");
  const first = view.current.start(textToImage({ seed: 1, steps: 50 }));
  await until(() => view.current.node === "KSampler" && view.current.preview !== null, "a preview is shown");
  await until(() => view.current.previewUrl?.startsWith("blob:") === true, "with an address");
  const second = view.current.start(textToImage({ seed: 2 }));
  assert.equal(await first, null);
  const run = await second;
  await until(() => view.current.status === "done", "it is done");
  assert.deepEqual([view.current.run, view.current.images.length, view.current.progress, view.current.preview], [run, 1, 1, null]);
  const third = view.current.start({ 1: { class_type: "NoSuchClass", inputs: {} } });
  assert.equal(await third, null);
  await until(() => view.current.status === "failed", "it has failed");
  assert.equal(/** @type {any} */ (view.current.error).code, "invalid_prompt");
  void view.current.start(textToImage({ seed: 3, steps: 500 }));
  const { promptId } = await server.waitFor("prompt_queued");
  view.unmount();
  await until(() => server.requests.some(({ path, method }) => method === "POST" && path.includes(promptId)), "the end of the component cancels it");
  await server.close();
});

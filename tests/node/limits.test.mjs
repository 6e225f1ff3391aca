// @ts-check
// What a server may send: an answer beyond `maxResponseBytes` is `too_large`, counted decompressed while it comes.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";
import zlib from "node:zlib";
import * as api from "comfyui-autoflow";
import { rejects } from "../scenarios/harness.mjs";
import { endless, shownText } from "../scenarios/prompts.mjs";

/** A hundred megabytes that take a hundred kilobytes on the way. */
const bomb = zlib.gzipSync(Buffer.alloc(100e6, 0x20));
/** Bytes that the server had to send. */
let sent = 0;
/** @type {http.Server} */
let server;
let url = "";

before(async () => {
  server = http.createServer(async (request, response) => {
    request.resume();
    if (request.url?.startsWith("/history/bomb")) return response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb);
    if (request.url?.startsWith("/history/small")) return response.end(JSON.stringify({ small: { outputs: {} } }));
    // Without end, without a length.
    const part = Buffer.alloc(1e6, 0x20);
    response.on("error", () => {});
    while (!response.destroyed && sent < 400e6) {
      sent += part.length;
      if (!response.write(part)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
});
after(() => (server.closeAllConnections(), server.close()));

const hint = { option: "maxResponseBytes", advice: "raise_limit" };

test("a compressed answer is counted by what comes out of it", async () => {
  const before = process.memoryUsage().rss;
  const error = await rejects(api.Submission.fromPromptId("bomb", { serverUrl: url }).fetchHistory(), { code: "too_large", hint });
  assert.equal(error.summary, `${url}/history/bomb answers with more than 64 MB.`);
  assert.ok(process.memoryUsage().rss - before < 400e6, "memory stays within a few times the limit");
});

test("an answer without end is given up at the limit, whoever asks", async () => {
  const options = { serverUrl: url, maxResponseBytes: 5e6 };
  /** @type {(() => Promise<unknown>)[]} */
  const calls = [
    () => api.submit(shownText(), options),
    () => api.Submission.fromPromptId("x", options).fetchHistory(),
    () => api.Workflow.load({ nodes: [], links: [] }, options),
    () => api.uploadImage(new Blob(["x"]), { ...options, name: "a.png" }),
  ];
  for (const call of calls) {
    sent = 0;
    await rejects(call(), { code: "too_large", hint });
    assert.ok(sent < 100e6, `${sent} bytes were sent`);
  }
});

test("a text frame beyond the limit is dropped, and the run is looked up", async () => {
  const { startSimulator } = await import("comfyui-autoflow/testing");
  globalThis.WebSocket ??= /** @type {any} */ ((await import("ws")).WebSocket);
  const sim = await startSimulator({ lab: true });
  const controller = new AbortController();
  /** @type {string[]} */
  const heard = [];
  try {
    const began = new Promise((resolve) => {
      const onEvent = (/** @type {any} */ { type }) => (heard.push(type), type === "progress" && resolve(undefined));
      const options = { serverUrl: sim.url, wait: true, signal: controller.signal, maxResponseBytes: 1e5, idleTimeoutMs: 1e6, onEvent };
      api.submit(endless(), options).catch(() => {});
    });
    await began;
    const asked = () => sim.requests.filter(({ route }) => /^GET \/history/.test(route ?? "")).length;
    assert.equal(asked(), 0);
    sim.sendFrame({ type: "my_pack.large", data: { text: "x".repeat(2e5) } });
    sim.sendFrame({ type: "my_pack.small", data: {} });
    while (!heard.includes("my_pack.small") || asked() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(!heard.includes("my_pack.large"));
  } finally {
    controller.abort();
    await sim.close();
  }
});

test("below the limit nothing changes, and the limit is a number of bytes", async () => {
  const run = api.Submission.fromPromptId("small", { serverUrl: url, maxResponseBytes: 100 });
  assert.deepEqual(await run.fetchHistory(), { outputs: {} });
  for (const maxResponseBytes of [0, -1, "1", NaN]) {
    const options = /** @type {any} */ ({ serverUrl: url, maxResponseBytes });
    await rejects(() => api.Submission.fromPromptId("x", options), { code: "bad_input", hint: { option: "maxResponseBytes", advice: "correct_option" } });
  }
});

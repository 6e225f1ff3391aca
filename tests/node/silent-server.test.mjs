// @ts-check
// A server that takes connections and never answers, or stops in the middle of an answer: every call says so after a limit
// that the documentation names.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, mock, test } from "node:test";
import * as api from "comfyui-autoflow";
import { rejects } from "../scenarios/harness.mjs";
import { shownText } from "../scenarios/prompts.mjs";

/** Answers begin, and nothing more comes. */
let begins = false;
/** @type {http.Server} */
let server;
let url = "";
before(async () => {
  server = http.createServer((request, response) => {
    request.resume();
    server.emit("asked");
    if (begins) response.writeHead(200, { "content-type": "application/json" }).write("{");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
});
after(() => (server.closeAllConnections(), server.close()));

const QUICK = 30_000;
const SLOW = 120_000;
const PICTURE = new Blob(["x".repeat(500_000)]);

/** @typedef {import("comfyui-autoflow").ComfyClient} ComfyClient */

/** @type {Record<string, [limitMs: number, call: (comfy: ComfyClient) => Promise<unknown>, code?: string]>} */
const CALLS = {
  queue: [QUICK, (comfy) => comfy.queue()],
  history: [QUICK, (comfy) => comfy.history()],
  systemStats: [QUICK, (comfy) => comfy.systemStats()],
  "ready, tried once": [QUICK, (comfy) => comfy.ready({ timeoutMs: 0 })],
  features: [QUICK, (comfy) => comfy.features()],
  logs: [QUICK, (comfy) => comfy.logs()],
  clearQueue: [QUICK, (comfy) => comfy.clearQueue()],
  free: [QUICK, (comfy) => comfy.free()],
  fetchHistory: [QUICK, (comfy) => comfy.pickUp("x").fetchHistory()],
  "a file": [QUICK, (comfy) => comfy.file({ filename: "a.png" }).bytes()],
  "an upload of a URL": [QUICK, (comfy) => comfy.upload(`${url}/a.png`)],
  models: [SLOW, (comfy) => comfy.models("checkpoints")],
  choices: [SLOW, (comfy) => comfy.choices("KSampler", "sampler_name")],
  objectInfo: [SLOW, (comfy) => comfy.objectInfo()],
  fetch: [SLOW, (comfy) => comfy.fetch("/my_pack/thinks")],
  submit: [SLOW, (comfy) => comfy.submit(shownText()), "timeout"],
  // 10 seconds for half a megabyte.
  upload: [70_000, (comfy) => comfy.upload(PICTURE, { name: "a.png" })],
};

/**
 * A call, and what it rejects with once so many milliseconds have passed after its request.
 *
 * @param {(comfy: ComfyClient) => Promise<unknown>} call
 * @param {number} limitMs
 */
async function settling(call, limitMs) {
  const asked = once(server, "asked");
  let settled = false;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const failed = rejects(call(new api.ComfyClient({ serverUrl: url })));
    void failed.then(() => (settled = true), () => (settled = true));
    await asked;
    await turns();
    mock.timers.tick(limitMs - 1);
    await turns();
    assert.equal(settled, false, "not before its time");
    mock.timers.tick(1);
    return await failed;
  } finally {
    mock.timers.reset();
  }
}

/** Lets sockets and promises come to an end. */
async function turns() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

for (const [name, [limitMs, call, code = "network"]] of Object.entries(CALLS)) {
  test(`${name} ends after ${limitMs / 1000} seconds without an answer`, async () => {
    const error = await settling(call, limitMs);
    assert.equal(error.code, code);
    const said = name === "submit" ? /submission in time/ : new RegExp(`did not answer within ${limitMs / 1000} seconds`);
    assert.match(`${error.message} ${error.cause?.message ?? error.cause}`, said);
  });
}

/** What has begun may go on as long as parts of it come. */
const PARTS = ["queue", "history", "features", "objectInfo", "a file", "an upload of a URL"];

for (const name of PARTS) {
  test(`${name} ends after 30 seconds without another part of the answer`, async () => {
    begins = true;
    try {
      const { code, message, cause } = await settling(CALLS[name][1], 30_000);
      assert.equal(code, "network");
      assert.match(`${message} ${cause?.message}`, /sent nothing for 30 seconds/);
    } finally {
      begins = false;
      server.closeAllConnections();
    }
  });
}

test("a stream of a file times the server, and not who reads it", async () => {
  begins = true;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const stream = await new api.ComfyClient({ serverUrl: url }).file({ filename: "a.bin" }).stream();
    const reader = stream.getReader();
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), "{");
    const failed = rejects(reader.read());
    await turns();
    mock.timers.tick(30_000);
    assert.deepEqual([(await failed).name, (await failed).code], ["ComfyError", "network"]);
  } finally {
    mock.timers.reset();
    begins = false;
  }
});

// @ts-check
// The Comfy API v2, as recorded from the proxy that puts it in front of a ComfyUI: see tests/api-v2.
import assert from "node:assert/strict";
import http from "node:http";
import { after, describe, test } from "node:test";
import { ComfyPool, Workflow, submit, uploadMask } from "comfyui-autoflow";
import { replay } from "../api-v2/replay.mjs";
import { SOON, recorder, until } from "../scenarios/runs.mjs";

const KEY = "proxy-secret-2";

/** @type {{ close(): unknown }[]} */
const open = [];
after(() => Promise.all(open.map((server) => server.close())));

/** @param {Parameters<typeof replay>} args */
async function server(...args) {
  const started = await replay(...args);
  open.push(started);
  return started;
}

describe("Comfy API v2", { concurrency: 4, timeout: 60_000 }, () => {
  test("a recorded run is told with the events of any run, and its file is fetched with the key", async () => {
    const { url, recording, keys } = await server("succeeded", { token: KEY });
    const heard = recorder();
    const options = { serverUrl: `${url}/api/v2`, apiKey: KEY, wait: true, onEvent: heard };
    const run = await submit(recording.prompt, options);
    const end = heard.end();
    assert.deepEqual([end.type, end.detected_by, end.raw.v2.data.status], ["completed", undefined, "succeeded"]);
    /** @type {string[]} */
    const types = heard.types();
    const told = types.filter((type, at, all) => type !== all[at - 1] && type !== "queue");
    assert.deepEqual(told.slice(0, 3), ["submitted", "connection", "execution_start"]);
    for (const type of ["executing", "progress", "preview", "executed"]) assert.ok(told.includes(type), type);
    assert.deepEqual(heard.of("preview")[0].data.mime_type, "image/jpeg");
    assert.equal(run.serverUrl, url);
    const [file] = await run.fetchFiles();
    assert.ok(file.url.startsWith(`${url}/api/v2/assets/`));
    assert.deepEqual([...(await file.bytes()).subarray(1, 4)], [...Buffer.from("PNG")]);
    assert.match(keys[0] ?? "", /^[0-9a-f-]{36}$/);
    assert.ok(!JSON.stringify([heard.events, run.outputs, run.history, file]).includes(KEY));
  });

  test("a submission may be repeated with its promptId while its job runs: it is the Idempotency-Key, and the job has an id of its own", async () => {
    const { url, recording, keys } = await server("succeeded");
    const options = { serverUrl: `${url}/api/v2`, wait: true, promptId: "the same order", ...SOON };
    const runs = await Promise.all([submit(recording.prompt, options), submit(recording.prompt, options)]);
    assert.deepEqual(keys, ["the same order", "the same order"]);
    assert.equal(new Set(runs.map(({ promptId }) => promptId)).size, 1);
  });

  test("a pool knows of a server without a queue whether it is there and takes the login", async () => {
    const [there, closed] = [await server("succeeded", { token: KEY }), await server("succeeded", { token: "another" })];
    const servers = { gone: "http://127.0.0.1:9", closed: closed.url, there: there.url };
    const pool = new ComfyPool(Object.entries(servers).map(([name, url]) => ({ name, serverUrl: `${url}/api/v2`, apiKey: KEY })));
    const known = new Promise((resolve) => pool.addEventListener("change", () => pool.servers.some(({ state }) => state === "ready") && resolve(undefined)));
    await known;
    const run = await pool.submit(there.recording.prompt, { wait: true, ...SOON });
    assert.equal(run.serverUrl, there.url);
    await until(() => pool.servers[1].state === "unauthorized", "the login is refused");
    assert.deepEqual(pool.servers.map(({ state }) => state), ["down", "unauthorized", "ready"]);
    assert.deepEqual([closed.keys, there.keys.length], [[], 1]);
  });

  test("a stream that breaks off is read anew, and its run has one end", async () => {
    const { recording } = await server("succeeded");
    for (let cutAfter = 1; cutAfter < recording.stream.length; cutAfter++) {
      const broken = await server("succeeded", { cutAfter });
      const heard = recorder();
      const run = await submit(recording.prompt, { serverUrl: broken.url, dialect: "v2", wait: true, onEvent: heard, ...SOON });
      assert.equal(heard.end().type, "completed", `cut after ${cutAfter}`);
      assert.equal(broken.streams(), 2);
      assert.deepEqual(heard.of("executed").map(({ data }) => data.node), ["9"]);
      assert.deepEqual(heard.types("execution_start"), ["execution_start"]);
      assert.equal(Object.keys(run.outputs).length, 1);
    }
  });

  test("failures, cancellations and refusals are what they are anywhere", async () => {
    for (const [name, wanted] of /** @type {const} */ ([
      ["failed", { code: "execution_error", nodeId: "3", nodeType: "LabFail", message: /boom/ }],
      ["canceled", { code: "interrupted" }],
      ["refused", { code: "invalid_prompt", status: 422, message: /NoSuchNode/ }],
    ])) {
      const { url, recording } = await server(name);
      const heard = recorder();
      const call = submit(recording.prompt, { serverUrl: url, dialect: "v2", wait: true, onEvent: heard });
      await assert.rejects(call, wanted);
      if (name !== "refused") heard.end();
    }
  });

  test("a file that is kept under a signed address of another host is fetched without the key", async () => {
    /** @type {http.IncomingHttpHeaders[]} */
    const seen = [];
    const store = http.createServer((request, response) => {
      seen.push(request.headers);
      response.end("from the store");
    });
    await new Promise((resolve) => store.listen(0, "127.0.0.1", () => resolve(undefined)));
    open.push({ close: () => store.close() });
    const { port } = /** @type {import("node:net").AddressInfo} */ (store.address());
    const signed = `http://127.0.0.1:${port}/a.png?signature=x`;
    const rewrite = (/** @type {string} */ text) => text.replace(/http:[^"]*\/assets\/[^"]*\/content/g, signed);
    const { url, recording } = await server("succeeded", { token: KEY, rewrite });
    const run = await submit(recording.prompt, { serverUrl: url, dialect: "v2", apiKey: KEY, wait: true });
    const [file] = await run.fetchImages();
    assert.equal(await file.text(), "from the store");
    assert.deepEqual(seen.map(({ authorization }) => authorization), [undefined]);
  });

  test("a file is uploaded as an asset, and the prompt gets a reference to it", async () => {
    /** @type {Buffer[]} */
    const sent = [];
    const onRequest = (/** @type {http.IncomingMessage} */ request) => request.on("data", (part) => sent.push(part));
    const { url } = await server("uploaded", { onRequest });
    const options = { serverUrl: url, dialect: /** @type {const} */ ("v2"), name: "in.png" };
    const prompt = { 1: { class_type: "LoadImage", inputs: { image: "" } } };
    const flow = await Workflow.load(prompt);
    const uploaded = await flow.upload(new Blob(["picture"]), options);
    const reference = /** @type {import("comfyui-autoflow").AssetReference} */ (uploaded.value);
    assert.deepEqual(flow.prompt[1].inputs.image, reference);
    assert.deepEqual([reference.__type, typeof reference.info.id], ["core/ASSET", "string"]);
    const form = Buffer.concat(sent).toString();
    assert.match(form, /name="file"; filename="in\.png"/);
    assert.match(form, /name="file_path"\r\n\r\ninput\/in\.png/);
    const mask = uploadMask(new Blob(["picture"]), { ...options, originalRef: { filename: "a.png" } });
    await assert.rejects(mask, { code: "bad_input" });
  });

  test("what it cannot do is said before anything is sent, and the key opens the server alone", async () => {
    /** @type {Buffer[]} */
    const sent = [];
    const onRequest = (/** @type {http.IncomingMessage} */ request) => request.on("data", (part) => sent.push(part));
    const { url, recording } = await server("succeeded", { onRequest });
    const options = { serverUrl: url, dialect: /** @type {const} */ ("v2"), apiKey: KEY };
    for (const more of [{ front: true }, { partialExecutionTargets: ["9"] }]) {
      await assert.rejects(submit(recording.prompt, { ...options, ...more }), { code: "bad_input", message: /v2/ });
    }
    assert.equal(sent.length, 0);
    const extraData = { api_key_comfy_org: "for the nodes" };
    await submit(recording.prompt, { ...options, extraData, front: false });
    await submit(recording.prompt, options);
    const [first, second] = sent.map((part) => JSON.parse(String(part)));
    assert.deepEqual(first, { workflow: recording.prompt, extra_data: extraData });
    assert.deepEqual(second, { workflow: recording.prompt });
  });
});

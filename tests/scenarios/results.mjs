// @ts-check
// What a run made: where its files are, which of them a caller gets, and in which order.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { begun, recorder } from "./runs.mjs";

const SIZE = { width: 8, height: 8 };

/**
 * A picture that is saved, looked at and sent over the socket.
 *
 * @param {{ batch?: number }} [options]
 */
function threeWays({ batch = 1 } = {}) {
  return {
    1: { class_type: "EmptyImage", inputs: { ...SIZE, batch_size: batch, color: 7 } },
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
    3: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "kept" } },
    4: { class_type: "SaveImageWebsocket", inputs: { images: ["1", 0] } },
  };
}

/** @param {import("comfyui-autoflow").ResultFile[]} files */
function names(files) {
  return files.map(({ filename, type, nodeId }) => `${nodeId} ${type} ${filename.replace(/_temp_\w+_(?=\d)/, "_")}`);
}

scenario("pictures of SaveImageWebsocket are files of the run", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, held: true });
  const heard = recorder();
  const prompt = {
    1: { class_type: "EmptyImage", inputs: { ...SIZE, batch_size: 2, color: 7 } },
    "12:3": { class_type: "SaveImageWebsocket", inputs: { images: ["1", 0] } },
  };
  const run = await begun(server, heard, api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard }));
  const image = (/** @type {string} */ filename) => ({ filename, subfolder: "", type: "output" });
  equal(run.outputs, { "12:3": { images: [image("12:3_0.png"), image("12:3_1.png")] } });
  const images = await run.fetchImages();
  equal(names(images), ["12:3 output 12:3_0.png", "12:3 output 12:3_1.png"]);
  equal(names(await run.fetchFiles()), names(images));
  for (const file of images) {
    equal([file.kind, file.key, file.mimeType], ["image", "images", "image/png"]);
    const [bytes, blob] = [await file.bytes(), await file.blob()];
    equal([...bytes.slice(1, 4)], [0x50, 0x4e, 0x47]);
    equal([blob.type, blob.size], ["image/png", bytes.length]);
    equal(new Uint8Array(await new Response(await file.stream()).arrayBuffer()).length, bytes.length);
    match(file.url, /^blob:/);
    equal(file.url, file.url);
    equal(JSON.parse(JSON.stringify(file)).url, file.url);
    equal((await (await fetch(file.url)).arrayBuffer()).byteLength, bytes.length);
    URL.revokeObjectURL(file.url);
  }
  const asked = (await server.requests()).map(({ route }) => route);
  ok(!asked.some((route) => route.includes("/view")), `the server does not have them: ${asked}`);
  equal(heard.of("preview").map(({ data }) => data.filename), ["12:3_0.png", "12:3_1.png"]);
  equal(heard.end().nodes_completed, ["1", "12:3"]);
});

scenario("they are there without a callback, and although previews are not wanted", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const heard = recorder();
  const options = { serverUrl: server.url, wait: /** @type {const} */ (true), previews: false };
  for (const onEvent of [undefined, heard]) {
    const run = await api.submit(threeWays(), { ...options, onEvent });
    equal((await run.fetchImages()).map(({ nodeId }) => nodeId), ["3", "4"]);
  }
  equal(heard.of("preview"), []);
});

scenario("a caller that waits anew still has the pictures that came before", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const [heard, again] = [recorder(), recorder()];
  const prompt = {
    1: threeWays()[1],
    4: threeWays()[4],
    5: { class_type: "LabProgress", inputs: { steps: 1, delay_ms: 60_000, preview: false, size: 8, seed: 1 } },
    6: { class_type: "PreviewImage", inputs: { images: ["5", 0] } },
  };
  const run = await api.submit(prompt, { serverUrl: server.url });
  const left = run.wait({ onEvent: heard, waitTimeoutMs: 2_000 });
  await heard.heard("connection");
  await server.resume();
  await rejects(left, { code: "timeout" });
  equal(Object.keys(run.outputs), ["4"]);
  const ended = rejects(run.wait({ onEvent: again }), { code: "interrupted" });
  await again.heard("connection");
  equal(Object.keys(run.outputs), ["4"]);
  await run.cancel();
  await ended;
  equal((await run.fetchImages()).map(({ filename }) => filename), ["4_0.png"]);
});

scenario("saved files come before temporary ones, which fetchImages leaves out", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const run = await api.submit(threeWays(), { serverUrl: server.url, wait: true });
  const seen = async (/** @type {any} */ options) => names(await run.fetchImages(options)).map((name) => name.split(" ").slice(0, 2).join(" "));
  equal(await seen(undefined), ["3 output", "4 output"]);
  equal(await seen({ type: "output" }), ["3 output", "4 output"]);
  equal(await seen({ type: "temp" }), ["2 temp"]);
  equal(await seen({ type: "all" }), ["3 output", "4 output", "2 temp"]);
  equal(await seen({ nodes: ["2"] }), ["2 temp"], "of these nodes nothing was saved");
  equal(await seen({ nodes: ["4", "2"] }), ["4 output"]);
  equal(await seen({ nodes: ["9"] }), []);
  equal((await run.fetchFiles()).map(({ nodeId }) => nodeId), ["3", "4", "2"]);
  equal((await run.fetchFiles({ type: "output", nodes: ["3"] })).length, 1);
  const error = await rejects(run.fetchImages(/** @type {any} */ ({ type: "saved" })), { code: "bad_input" });
  match(error.message, /"output", "temp" or "all"/);
});

scenario("where nothing was saved, fetchImages gives what was made to be looked at", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const prompt = threeWays();
  const run = await api.submit({ 1: prompt[1], 2: prompt[2] }, { serverUrl: server.url, wait: true });
  equal((await run.fetchImages()).map(({ type }) => type), ["temp"]);
  equal(await run.fetchImages({ type: "output" }), []);
});

scenario("an output whose frame something in between left out is looked up once", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  class Leaky extends WebSocket {
    /** @param {any} listener */
    set onmessage(listener) {
      super.onmessage = listener && ((event) => String(event.data).includes('"type": "executed"') || listener.call(this, event));
    }
  }
  const heard = recorder();
  const prompt = threeWays();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, webSocket: Leaky };
  const run = await api.submit({ 1: prompt[1], 3: prompt[3] }, options);
  equal(heard.types("executed", "executing", "completed").slice(-3), ["executing", "executed", "completed"]);
  equal(heard.of("executed")[0].detected_by, "history");
  equal(heard.end().detected_by, undefined);
  equal(Object.keys(run.outputs), ["3"]);
  const asked = (await server.requests()).filter(({ route }) => route.includes("/history/"));
  equal(asked.length, 1);
});

scenario("previews are kept away from a run that wants none, although the server sends them", async (api, sim) => {
  // Servers before 0.19 do not read what a run wants.
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  const prompt = { 1: { class_type: "LabProgress", inputs: { steps: 2, delay_ms: 60_000, preview: false, size: 8, seed: 3 } } };
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, previews: false, onEvent: heard, signal: controller.signal };
  const call = api.submit({ ...prompt, 2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } } }, options);
  await heard.heard("submitted");
  await server.resume();
  await heard.heard((event) => event.type === "executing" && event.node_current === "1");
  await server.sendFrame({ bytes: [0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xd8, 0xff, 0xe0] });
  await server.sendFrame({ type: "the.last", data: {} });
  await heard.heard("the.last");
  controller.abort();
  await rejects(call);
  equal(heard.of("preview"), []);
});

scenario("an id such as __proto__ is an id like any other", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const saver = (/** @type {string} */ filename_prefix) => ({ class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix } });
  const text = JSON.stringify({ 1: threeWays()[1], PROTO: saver("a"), constructor: saver("b") }).replace("PROTO", "__proto__");
  const heard = recorder();
  const run = await api.submit(JSON.parse(text), { serverUrl: server.url, wait: true, onEvent: heard });
  const { outputs } = run;
  equal(Object.getPrototypeOf(outputs), Object.prototype);
  equal(Object.keys(outputs).sort(), ["__proto__", "constructor"]);
  equal((await run.fetchImages()).map(({ nodeId }) => nodeId).sort(), ["__proto__", "constructor"]);
  equal([...heard.end().nodes_completed].sort(), ["1", "__proto__", "constructor"]);
  for (const promptId of ["__proto__", "constructor"]) {
    const unknown = api.Submission.fromPromptId(promptId, { serverUrl: server.url });
    equal(await unknown.fetchHistory(), null);
  }
});

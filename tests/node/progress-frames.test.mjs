// @ts-check
// Events of `progress` frames: what they hold is what JSON.parse makes of the frame, however the frame is read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { submit } from "comfyui-autoflow/node";

const ID = "4f1c2d3e-5a6b-4c7d-8e9f-0a1b2c3d4e5f";
const PROMPT = { 1: { class_type: "A", inputs: {} }, 2: { class_type: "B", inputs: { x: ["1", 0] } } };

/**
 * A run on a socket that the test speaks for.
 *
 * @param {(event: any) => void} onEvent
 */
async function begin(onEvent) {
  /** @type {any} */
  let socket;
  const opened = new Promise((resolve) => {
    class Socket {
      constructor() {
        socket = this;
        queueMicrotask(() => /** @type {any} */ (this).onopen());
      }
      send() {}
      close() {
        queueMicrotask(() => /** @type {any} */ (this).onclose?.());
      }
    }
    const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
      const isSubmission = init?.method === "POST" && String(url).endsWith("/prompt");
      return new Response(JSON.stringify(isSubmission ? { prompt_id: ID, number: 1, node_errors: {} } : {}));
    };
    const controller = new AbortController();
    submit(PROMPT, {
      serverUrl: "http://127.0.0.1:1",
      promptId: ID,
      wait: true,
      signal: controller.signal,
      fetch: /** @type {any} */ (fetch),
      webSocket: /** @type {any} */ (Socket),
      onEvent: (event) => {
        if (event.type === "submitted") resolve(controller);
        onEvent(event);
      },
    }).catch(() => {});
  });
  const controller = await opened;
  const send = (/** @type {string} */ data) => socket.onmessage(new MessageEvent("message", { data }));
  send(`{"type": "execution_start", "data": {"prompt_id": "${ID}", "timestamp": 1}}`);
  send(`{"type": "executing", "data": {"node": "1", "display_node": "1", "prompt_id": "${ID}"}}`);
  return { send, stop: () => controller.abort() };
}

const progress = (/** @type {unknown} */ value, { max = "10", id = ID, node = '"1"', more = "" } = {}) =>
  `{"type": "progress", "data": {"value": ${value}, "max": ${max}, "prompt_id": "${id}", "node": ${node}${more}}}`;

test("each event has its own objects, with the frame's values", async () => {
  /** @type {any[]} */
  const events = [];
  const run = await begin((event) => event.type === "progress" && events.push(event));
  const texts = [
    ...[1, 2, 3, 10, 0, "123456789012345", "287738156528333467537", "1.5", "1e2", "-1", 4, 5].map((value) => progress(value)),
    progress(6, { more: ', "x": 1' }), progress(7), progress(8, { max: "20" }), progress(9, { max: "20" }), progress(3, { node: '"2"' }),
    progress(4, { node: '"2"' }), progress(5, { node: "null" }), progress(6, { node: '"2"' }), progress(7),
    '{"type":"progress","data":{"value":8,"max":10,"prompt_id":"' + ID + '","node":"1"}}', progress(9),
  ];
  texts.forEach(run.send);
  run.stop();
  assert.deepEqual(events.map(({ raw }) => raw), texts.map((text) => JSON.parse(text)));
  assert.deepEqual(events.map(({ data }) => data), texts.map((text) => JSON.parse(text).data));
  for (const { raw, data, node_progress_value, node_progress_max } of events) {
    assert.equal(raw.data, data);
    if (data.value < 2 ** 53) assert.deepEqual([node_progress_value, node_progress_max], [Math.max(0, data.value), data.max]);
  }
  assert.equal(new Set(events.map(({ data }) => data)).size, events.length);
  assert.deepEqual(events.slice(0, 4).map(({ node_progress, nodes_progress }) => [node_progress, nodes_progress]), [[10, 0.05], [20, 0.1], [30, 0.15], [100, 0.5]]);
});

test("frames that are no JSON, or another prompt's, are no events however much they look like the last one", async () => {
  /** @type {any[]} */
  const values = [];
  const run = await begin((event) => event.type === "progress" && values.push(event.data.value));
  const others = [progress("03"), progress(""), progress("4x"), progress(6, { id: ID.replace("4", "5") }), progress(7).replace("progress", "pr0gress")];
  for (const other of others) [progress(1), other, progress(2)].forEach(run.send);
  run.stop();
  assert.deepEqual(values, others.flatMap(() => [1, 2]));
});

test("a callback that brings the next message changes nothing", async () => {
  /** @type {any[]} */
  const seen = [];
  let depth = 0;
  const run = await begin(({ type, data }) => {
    if (type !== "progress") return;
    seen.push([data.node, data.value, data.max]);
    if (data.value >= 5 || depth > 1) return;
    depth += 1;
    run.send(progress(data.value + 5));
    run.send(progress(data.value + 6, data.value % 2 ? { max: "30" } : {}));
    depth -= 1;
  });
  for (const value of [1, 2, 3, 4, 1, 2]) run.send(progress(value));
  run.stop();
  const [values, maxima] = [1, 2].map((at) => seen.map((one) => one[at]));
  assert.deepEqual(values, [1, 2, 3, 4, 1, 2].flatMap((value) => [value, value + 5, value + 6]));
  assert.deepEqual(maxima, [1, 2, 3, 4, 1, 2].flatMap((value) => [10, 10, value % 2 ? 30 : 10]));
});

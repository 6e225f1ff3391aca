// @ts-check
// The offscreen document with a slow receiver of its messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serveOffscreen } from "../../pkg-template/extension/offscreen-host.js";

test("of previews that wait, the newest of each node is sent", async () => {
  /** @type {any[]} */
  const sent = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  /** @type {any} */
  let listener;
  const runtime = {
    id: "extension",
    onMessage: { addListener: (/** @type {any} */ added) => (listener = added) },
    sendMessage(/** @type {any} */ message) {
      sent.push(message);
      return new Promise((resolve) => waiting.push(() => resolve(undefined)));
    },
  };
  Reflect.set(globalThis, "chrome", { runtime });
  /** @type {(event: any) => void} */
  let tell = () => {};
  const submit = (/** @type {any} */ _, /** @type {any} */ { onEvent }) => {
    tell = onEvent;
    onEvent({ type: "submitted", prompt_id: "run", client_id: "me", data: {} });
    return new Promise(() => {});
  };
  serveOffscreen(/** @type {any} */ ({ submit, Submission: null, uploadImage: null }));
  const submission = { to: "comfyui-autoflow:offscreen", kind: "submit", prompt: {}, options: { serverUrl: "x" } };
  await new Promise((answered) => listener(submission, { id: "extension" }, answered));
  for (const [node_id, text] of [["1", "a"], ["1", "b"], ["2", "c"], ["1", "d"], ["2", "e"]]) {
    tell({ type: "preview", data: { node_id, image: new Blob([text], { type: "image/png" }) } });
  }
  for (let tries = 0; sent.length < 3 && tries < 100; tries += 1) {
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const images = sent.flatMap(({ event }) => (event.type === "preview" ? [[event.data.node_id, atob(event.data.image.split(",")[1])]] : []));
  assert.deepEqual(images, [
    ["1", "d"],
    ["2", "e"],
  ]);
});

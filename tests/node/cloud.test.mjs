// @ts-check
// Comfy Cloud, simulated: its routes, its key, its redirects, and the frames of other accounts' prompts.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Submission, submit } from "comfyui-autoflow";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { textToImage } from "../scenarios/prompts.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

const KEY = "comfyui-secret-1";
/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let cloud;

before(async () => {
  const accounts = { [KEY]: {}, "comfyui-poor": { credits: 0 }, "comfyui-other": {} };
  cloud = await startSimulator({ stepMs: 1, cloud: { accounts } });
});
after(() => cloud.close());

/** @param {Record<string, unknown>} [more] */
const options = (more) => ({ serverUrl: cloud.url, dialect: /** @type {const} */ ("cloud"), apiKey: KEY, ...more });

describe("Comfy Cloud", { concurrency: 4 }, () => {
  test("a run is followed to its end, and its picture comes without the key reaching the store", async () => {
    /** @type {any[]} */
    const events = [];
    const onEvent = (/** @type {any} */ event) => events.push(event);
    const run = await submit(textToImage({ seed: 11 }), options({ wait: true, onEvent }));
    assert.equal(events.at(-1).type, "completed");
    assert.ok(events.some(({ type }) => type === "progress"));
    const [image] = await run.fetchImages();
    assert.match(image.url, /\/api\/view\?/);
    assert.deepEqual([...(await image.bytes()).subarray(1, 4)], [...Buffer.from("PNG")]);
    // The simulated store refuses whatever carries a key.
    assert.ok(!JSON.stringify([events, run.outputs, image, run.serverUrl]).includes(KEY));
  });

  test("several accounts' prompts interleave on one socket and are told apart", async () => {
    const accounts = [KEY, "comfyui-other"];
    await Promise.all(
      [20, 21, 22, 23].map(async (seed, at) => {
        /** @type {any[]} */
        const own = [];
        const onEvent = (/** @type {any} */ event) => own.push(event);
        const run = await submit(textToImage({ seed }), options({ apiKey: accounts[at % 2], wait: true, onEvent }));
        const named = own.map(({ raw }) => raw?.data?.prompt_id).filter(Boolean);
        assert.deepEqual([...new Set(named)], [run.promptId]);
        assert.equal(own.filter(({ type }) => type === "completed").length, 1);
      }),
    );
  });

  test("with a mute socket the status and the history tell the end", async () => {
    const mute = await startSimulator({ stepMs: 0, cloud: { accounts: { [KEY]: {} } }, faults: { muteSocket: true } });
    try {
      /** @type {any[]} */
      const events = [];
      const run = await submit(textToImage(), {
        ...options({ idleTimeoutMs: 100, pollIntervalMs: 30 }),
        serverUrl: mute.url,
        wait: true,
        onEvent: (event) => events.push(event),
      });
      assert.deepEqual([events.at(-1).type, events.at(-1).detected_by], ["completed", "history"]);
      assert.equal((await run.fetchImages()).length, 1);
    } finally {
      await mute.close();
    }
  });

  test("a run is picked up again by its id", async () => {
    const queued = await submit(textToImage({ seed: 31 }), options());
    const again = Submission.fromPromptId(queued.promptId, options({ clientId: queued.clientId, idleTimeoutMs: 100, pollIntervalMs: 30 }));
    await again.wait();
    assert.equal(again.status, "completed");
  });

  test("a wrong key and an empty account say what is wrong, and print no key", async () => {
    for (const [apiKey, code, words] of /** @type {[string, string, RegExp][]} */ ([
      ["comfyui-wrong-key", "unauthorized", /key/],
      ["comfyui-poor", "unauthorized", /402|credits/],
    ])) {
      const error = await submit(textToImage(), options({ apiKey })).then(() => assert.fail("accepted"), (error) => error);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.ok(!`${error.message}${JSON.stringify(error)}${error.stack}`.includes(apiKey));
    }
  });

  test("a run is cancelled, and no other", async () => {
    const slow = await startSimulator({ stepMs: 5_000, cloud: { accounts: { [KEY]: {} } } });
    try {
      const other = await submit(textToImage({ seed: 1 }), { ...options(), serverUrl: slow.url });
      const run = await submit(textToImage({ seed: 2 }), { ...options(), serverUrl: slow.url });
      const ended = slow.waitFor("prompt_done");
      assert.equal(await run.cancel(), true);
      assert.equal((await ended).promptId, run.promptId);
      await other.cancel();
    } finally {
      await slow.close();
    }
  });
});

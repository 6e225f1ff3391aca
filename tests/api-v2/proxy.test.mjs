// @ts-check
// The package against the real proxy: `npm run test:api-v2`.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Submission, Workflow, submit } from "comfyui-autoflow";
import { pkg, root } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";
import { launch, skip } from "../browser/chromium.mjs";
import { counting, failing, textToImage } from "../scenarios/prompts.mjs";
import { SOON, checkRun, recorder } from "../scenarios/runs.mjs";
import { TOKEN, startProxy } from "./proxy.mjs";

const program = process.env.COMFY_API_PROXY ?? assert.fail("run it with: npm run test:api-v2");
const endless = () => counting({ steps: 100_000, delayMs: 10, preview: true });

describe("comfy-api-proxy", { concurrency: 4, timeout: 60_000 }, () => {
  /** @type {Awaited<ReturnType<typeof startProxy>>} */
  let proxy;
  before(async () => {
    proxy = await startProxy(program, { stepMs: 20 });
  });
  after(() => proxy.close());

  /** @param {Record<string, unknown>} [more] */
  const options = (more) => ({ serverUrl: proxy.url, dialect: /** @type {const} */ ("v2"), apiKey: TOKEN, ...more });

  test("a run is followed to its end, and its picture comes as an asset", async () => {
    const heard = recorder();
    const run = await submit(textToImage({ seed: 3 }), options({ wait: true, onEvent: heard }));
    assert.equal(heard.end().type, "completed");
    const types = heard.types("submitted", "execution_start", "executed", "completed");
    assert.deepEqual(types, ["submitted", "execution_start", "executed", "completed"]);
    const [file] = await run.fetchImages();
    assert.match(file.url, /\/api\/v2\/assets\/.*\/content$/);
    const bytes = await file.bytes();
    const saved = await fetch(`${proxy.comfyui.url}/view?filename=${file.filename}`);
    assert.deepEqual(Buffer.from(bytes), Buffer.from(await saved.arrayBuffer()));
    assert.ok(!JSON.stringify([heard.events, run.outputs, file, run.history]).includes(TOKEN));
  });

  test("a node that fails is named, and what was made before it is told", async () => {
    const heard = recorder();
    const call = submit(failing(), options({ wait: true, onEvent: heard }));
    await assert.rejects(call, { code: "execution_error", nodeId: "3", nodeType: "LabFail", message: /boom/ });
    assert.equal(heard.end().type, "error");
    assert.deepEqual(heard.of("executed").map(({ data }) => data.node), ["2"]);
  });

  test("what ComfyUI refuses is refused with its words, and a wrong key with ours", async () => {
    const unknown = { 1: { class_type: "NoSuchNode", inputs: {} } };
    await assert.rejects(submit(unknown, options()), { code: "invalid_prompt", status: 422, message: /NoSuchNode/ });
    const wrong = { code: "unauthorized", status: 401 };
    await assert.rejects(submit(textToImage(), options({ apiKey: "wrong-secret" })), (error) => {
      assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes("wrong-secret"));
      return Object.entries(wrong).every(([key, value]) => error[key] === value);
    });
  });

  test("a key is sent once: the same submission is not taken twice", async () => {
    const promptId = crypto.randomUUID();
    const run = await submit(textToImage({ seed: 8 }), options({ promptId }));
    assert.notEqual(run.promptId, promptId);
    const again = submit(textToImage({ seed: 8 }), options({ promptId }));
    await assert.rejects(again, { status: 422, message: /already been used/ });
    await run.wait();
  });

  test("a run is picked up again by its id", async () => {
    const queued = await submit(textToImage({ seed: 9 }), options());
    const again = Submission.fromPromptId(queued.promptId, options());
    await again.wait();
    assert.equal(again.status, "completed");
    assert.equal((await again.fetchImages()).length, 1);
  });

  test("an uploaded picture is loaded by its node", async () => {
    const run = await submit(textToImage({ seed: 10 }), options({ wait: true }));
    const [made] = await run.fetchImages();
    const flow = await Workflow.load({
      1: { class_type: "LoadImage", inputs: { image: "" } },
      2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "again" } },
    });
    await flow.upload(await made.blob(), options({ name: "made.png", subfolder: "below" }));
    const again = await flow.submit(options({ wait: true }));
    assert.deepEqual((await again.fetchImages()).map(({ filename }) => filename), ["again_00001_.png"]);
  });

  test("a prompt that never was is vanished", async () => {
    const nobody = Submission.fromPromptId(crypto.randomUUID(), options(SOON));
    await assert.rejects(nobody.wait(), { code: "vanished" });
  });
});

describe("comfy-api-proxy alone with one run", { concurrency: 2, timeout: 60_000 }, () => {
  /**
   * @param {(proxy: Awaited<ReturnType<typeof startProxy>>, options: (more?: Record<string, unknown>) => any) => Promise<void>} body
   * @param {import("comfyui-autoflow/testing").SimulatorOptions} [sim]
   */
  const alone = (body, sim) => async () => {
    const proxy = await startProxy(program, sim);
    try {
      await body(proxy, (more) => ({ serverUrl: `${proxy.url}/api/v2`, apiKey: TOKEN, ...more }));
    } finally {
      await proxy.close();
    }
  };

  test("steps and previews come while it runs, and aborting cancels it on ComfyUI", alone(async (proxy, options) => {
    const heard = recorder();
    const controller = new AbortController();
    const call = submit(endless(), options({ wait: true, onEvent: heard, signal: controller.signal }));
    // The first may come before ComfyUI knows that the proxy wants to hear of the node.
    const preview = await heard.heard((/** @type {any} */ event) => event.type === "preview" && event.data.node_id);
    const { node_current, node_progress_max, nodes_progress } = await heard.heard(
      (/** @type {any} */ event) => event.type === "progress" && event.node_progress_value > 1,
    );
    assert.deepEqual([node_current, node_progress_max], ["1", 100_000]);
    assert.ok(nodes_progress > 0 && nodes_progress < 1);
    assert.deepEqual([preview.data.node_id, preview.data.mime_type], ["1", "image/jpeg"]);
    assert.deepEqual([...new Uint8Array(await preview.data.image.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
    const done = proxy.comfyui.waitFor("prompt_done", ({ promptId }) => promptId === preview.prompt_id);
    controller.abort();
    await assert.rejects(call, { name: "AbortError" });
    await done;
  }));

  test("a job waits its turn; another's cancel leaves it alone, its own is told as one", alone(async (proxy, options) => {
    const first = await submit(endless(), options());
    const heard = recorder();
    const waiting = await submit(textToImage({ seed: 2 }), options());
    const call = waiting.wait({ onEvent: heard });
    assert.deepEqual((await heard.heard("queue")).data, { position: 1, running: 0, pending: 1 });
    const third = await submit(textToImage({ seed: 4 }), options());
    assert.equal(await third.cancel(), true);
    assert.equal(await third.cancel(), false);
    assert.equal(await first.cancel(), true);
    await call;
    assert.equal(heard.end().type, "completed");
  }));

  test("somebody else's interrupt ends it as interrupted", alone(async (proxy, options) => {
    const heard = recorder();
    const call = submit(endless(), options({ wait: true, onEvent: heard }));
    await heard.heard("preview");
    await fetch(`${proxy.comfyui.url}/interrupt`, { method: "POST" });
    await assert.rejects(call, { code: "interrupted" });
    assert.equal(heard.end().type, "interrupted");
  }));

  test("a proxy that is restarted in the middle is found again, and the run comes to its end", alone(async (proxy, options) => {
    const heard = recorder();
    const prompt = counting({ steps: 100_000, delayMs: 10, preview: true });
    const call = submit(prompt, options({ wait: true, onEvent: heard, ...SOON }));
    const { prompt_id: id } = await heard.heard("preview");
    await proxy.restart();
    const { data } = await heard.heard((/** @type {any} */ event) => event.data?.state === "reconnecting");
    assert.equal(data.reason, "the socket closed");
    const opens = () => heard.events.filter((/** @type {any} */ event) => event.data?.state === "open").length;
    await heard.heard((/** @type {any} */ event) => event.type === "preview" && opens() >= 2);
    await fetch(`${proxy.comfyui.url}/interrupt`, { method: "POST", body: JSON.stringify({ prompt_id: id }) });
    await assert.rejects(call, { code: "interrupted" });
    checkRun(heard.events);
  }));

  test("more runs at once than the proxy has streams for come to their ends", alone(async (proxy, options) => {
    // One that does not end before the others have been refused a stream.
    const first = await submit(endless(), options());
    const runs = Array.from({ length: 12 }, (_, at) => {
      const heard = recorder();
      return { heard, call: submit(textToImage({ seed: 100 + at }), options({ wait: true, onEvent: heard })) };
    });
    const isRefused = (/** @type {any} */ event) => event.data?.reason === "the socket could not be opened";
    await Promise.any(runs.map(({ heard }) => heard.heard(isRefused)));
    await first.cancel();
    await Promise.all(runs.map(({ call }) => call));
    for (const { heard } of runs) assert.equal(heard.end().type, "completed");
    assert.ok(runs.filter(({ heard }) => heard.events.some(isRefused)).length >= 4);
  }, { stepMs: 5 }));

  test("a stream that stays silent is no loss: the job is asked", alone(async (proxy, options) => {
    const heard = recorder();
    const run = await submit(textToImage(), options({ wait: true, onEvent: heard, ...SOON }));
    assert.equal(heard.end().detected_by, "history");
    assert.equal((await run.fetchImages()).length, 1);
  }, { stepMs: 30, faults: { muteSocket: true } }));
});

test("a page that the proxy lets in follows a run, and fetches its picture", { skip, timeout: 60_000 }, async () => {
  const server = await serve({ "/pkg/": pkg, "/tests/": `${root}/tests` });
  const proxy = await startProxy(program, { stepMs: 30 }, ["--enable-cors-header", server.url]);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/page.html`);
    const seen = await page.evaluate(
      async ({ serverUrl, apiKey, prompt, module }) => {
        const { submit } = await import(module);
        /** @type {string[]} */
        const types = [];
        const onEvent = (/** @type {any} */ event) => types.push(event.type + (event.detected_by ?? ""));
        const run = await submit(prompt, { serverUrl, apiKey, wait: true, onEvent });
        const [image] = await run.fetchImages();
        return { types, start: [...(await image.bytes()).subarray(1, 4)] };
      },
      { serverUrl: `${proxy.url}/api/v2`, apiKey: TOKEN, prompt: textToImage({ seed: 12 }), module: `${server.url}/pkg/index.js` },
    );
    assert.deepEqual(seen.start, [...Buffer.from("PNG")]);
    for (const type of ["execution_start", "progress", "preview", "executed"]) assert.ok(seen.types.includes(type), type);
    assert.equal(seen.types.at(-1), "completed");
  } finally {
    await browser.close();
    await proxy.close();
    await server.close();
  }
});

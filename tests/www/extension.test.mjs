// @ts-check
// The extension in a real Chromium, against a simulator that keeps ComfyUI's origin rule: no flag is set on it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, test } from "node:test";
import { samplePng, startSimulator } from "comfyui-autoflow/testing";
import { serverOrigins } from "comfyui-autoflow/extension";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/paths.mjs";
import { skip } from "../browser/chromium.mjs";
import { violations } from "./open-page.mjs";
import { loadExtension } from "./loaded-extension.mjs";

const picture = `data:image/png;base64,${Buffer.from(samplePng(32, 32)).toString("base64")}`;

const prompt = {
  1: { class_type: "LoadImage", inputs: { image: "example.png" } },
  2: { class_type: "Gate", inputs: { image: ["1", 0] } },
  3: { class_type: "ImageInvert", inputs: { image: ["2", 0] } },
  4: { class_type: "SaveImage", inputs: { images: ["3", 0], filename_prefix: "inverted" } },
};

/** A node that waits until it is told to go on, so that a run can be caught in the middle. */
function gate() {
  /** @type {(() => void) | undefined} */
  let pass;
  const node = {
    input: { required: { image: /** @type {[string]} */ (["IMAGE"]) } },
    output: ["IMAGE"],
    is_changed: () => Math.random(),
    run: async (/** @type {any} */ { inputs }) => {
      if (shut.closed) await new Promise((resolve) => (pass = () => resolve(undefined)));
      return [inputs.image];
    },
  };
  const shut = { node, closed: false, open: () => pass?.() };
  return shut;
}

describe("the extension", { skip }, () => {
  /** @type {import("comfyui-autoflow/testing").Simulator} */
  let sim;
  /** @type {Awaited<ReturnType<typeof loadExtension>>} */
  let extension;

  before(async () => {
    sim = await startSimulator({ stepMs: 0, nodes: { Gate: gate().node } });
    extension = await loadExtension(serverOrigins(sim.url));
  });
  after(async () => {
    await extension?.close();
    await sim?.close();
  });

  test("without the rule, the server answers 403 to what it posts and to its socket", async () => {
    const from = sim.requests.length;
    const answers = await extension.page.evaluate(async (url) => {
      const post = await fetch(`${url}/prompt`, { method: "POST", body: "{}" });
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws?clientId=none`);
      const opened = await new Promise((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
      return { post: post.status, opened };
    }, sim.url);
    assert.deepEqual(answers, { post: 403, opened: false });
    const asked = sim.requests.slice(from);
    assert.deepEqual(
      asked.map(({ route, status, headers }) => [route, status, headers.origin]),
      [["POST /prompt", 403, extension.base], ["GET /ws", 403, extension.base]],
    );
  });

  test("the options find the server, and the node that takes the picture", async () => {
    const { page } = extension;
    await page.fill("#server", sim.url);
    await page.click("#allow");
    await page.waitForSelector("#server-state.good");
    const buffer = Buffer.from(JSON.stringify(prompt));
    await page.setInputFiles("#file", { name: "invert.json", mimeType: "application/json", buffer });
    await page.waitForSelector("#workflow-state.good");
    assert.equal(await page.textContent("#workflow-state"), "invert.json: the picture goes into node 1.");
  });

  test("with the rule, the whole run: uploaded, followed over the socket, shown in a tab", async (t) => {
    const from = sim.requests.length;
    const shown = extension.context.waitForEvent("page");
    await extension.send(picture);
    const result = await shown;
    await result.waitForSelector("#files img");
    assert.match(await result.innerText("#files"), /inverted_00001_\.png/);

    const asked = sim.requests.slice(from).map(({ route, status, headers }) => ({ route, status, origin: headers.origin }));
    for (const { route, status, origin } of asked) {
      t.diagnostic(`${route}: ${status}, Origin ${origin ?? "removed"}`);
      assert.ok(status === 200 || status === 101, `${route} was answered with ${status}`);
      assert.equal(origin, undefined, route);
    }
    const routes = asked.map(({ route }) => route);
    for (const route of ["POST /upload/image", "GET /ws", "POST /prompt", "GET /view"]) assert.ok(routes.includes(route), route);

    assert.equal(await extension.worker.evaluate(() => chrome.action.getBadgeText({})), "✓");
    const [sent] = sim.requests.filter(({ route }) => route === "POST /prompt").slice(-1);
    assert.equal(sent.body.prompt[1].inputs.image, "picture.png");
    await result.close();
  });

  test("the side panel tells how each picture is doing", async () => {
    const panel = await extension.context.newPage();
    await panel.goto(`${extension.base}/panel.html`);
    await panel.waitForSelector("#jobs li");
    assert.match(await panel.innerText("#jobs"), /Done · picture\.png/);
    assert.deepEqual(await violations(panel), [], "the panel");
    assert.deepEqual(await violations(extension.page), [], "the options");
    await panel.close();
  });

  test("requests of other pages keep their Origin, and stay out", async (t) => {
    const server = await serve({ "/": `${root}/examples` });
    t.after(server.close);
    const page = await extension.context.newPage();
    await page.goto(`${server.url}/text-to-image.json`);
    const from = sim.requests.length;
    const opened = await page.evaluate(async (url) => {
      await fetch(`${url}/prompt`, { method: "POST", body: "{}", mode: "no-cors" }).catch(() => undefined);
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws?clientId=none`);
      return new Promise((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
    }, sim.url);
    assert.equal(opened, false);
    const asked = sim.requests.slice(from).map(({ route, status, headers }) => [route, status, headers.origin]);
    assert.deepEqual(asked, [["POST /prompt", 403, server.url], ["GET /ws", 403, server.url]]);
    await page.close();
  });
});

describe("when the browser ends the service worker", { skip, concurrency: false }, () => {
  const closable = gate();
  /** @type {import("comfyui-autoflow/testing").Simulator} */
  let sim;

  before(async () => {
    sim = await startSimulator({ stepMs: 0, nodes: { Gate: closable.node } });
  });
  after(() => sim?.close());

  /** @param {import("node:test").TestContext} t */
  async function loaded(t) {
    const extension = await loadExtension(serverOrigins(sim.url));
    t.after(async () => {
      closable.open();
      await extension.close();
    });
    await extension.setUp(sim.url, prompt, "1");
    return extension;
  }

  test("a worker that is ended in the middle of a run is started again by the run", async (t) => {
    const extension = await loaded(t);
    closable.closed = true;
    const running = sim.waitFor("frame", (frame) => frame.type === "executing" && frame.data.node === "2");
    await extension.send(picture);
    await running;
    await eventually(async () => (await extension.jobs()).some(({ state, promptId }) => state === "running" && promptId));
    await extension.endWorker();

    const shown = extension.context.waitForEvent("page");
    closable.open();
    const result = await shown;
    await result.waitForSelector("#files img");
    const jobs = await extension.jobs();
    assert.deepEqual(jobs.map(({ state }) => state), ["completed"]);
  });

  test("a run whose worker and offscreen document are both gone is picked up by the next worker", async (t) => {
    const extension = await loaded(t);
    closable.closed = true;
    const running = sim.waitFor("frame", (frame) => frame.type === "executing" && frame.data.node === "2");
    await extension.send(picture);
    await running;
    await eventually(async () => (await extension.jobs()).some(({ state, promptId }) => state === "running" && promptId));
    const gone = sim.waitFor("socket_closed");
    await extension.page.evaluate(() => chrome.offscreen.closeDocument());
    await gone;
    await extension.endWorker();

    const again = sim.waitFor("socket");
    const shown = extension.context.waitForEvent("page");
    await extension.wake();
    await again;
    closable.open();
    const result = await shown;
    await result.waitForSelector("#files img");
  });
});

describe("jobs of the extension", { skip, concurrency: false }, () => {
  test("previews reach the panel, although a step sends them among other frames", async (t) => {
    const node = {
      input: { required: { image: /** @type {[string]} */ (["IMAGE"]) } },
      output: ["IMAGE"],
      run: async (/** @type {any} */ context) => {
        for (let step = 1; step <= 4; step += 1) {
          await context.sleep(300);
          await context.progress(step, 4, context.inputs.image[0]);
        }
        return [context.inputs.image];
      },
    };
    const sim = await startSimulator({ nodes: { Gate: node } });
    t.after(() => sim.close());
    const extension = await loadExtension(serverOrigins(sim.url));
    t.after(() => extension.close());
    await extension.setUp(sim.url, prompt, "1");
    await extension.send(picture);
    await eventually(async () => (await extension.jobs()).some(({ state, preview }) => state === "running" && preview?.startsWith("data:image/")));
  });

  test("the result is fetched with the key of its run, not with that of the settings", async (t) => {
    const shut = gate();
    const sim = await startSimulator({ stepMs: 0, nodes: { Gate: shut.node } });
    t.after(() => sim.close());
    const extension = await loadExtension(serverOrigins(sim.url));
    t.after(() => extension.close());
    await extension.setUp(sim.url, prompt, "1");
    const use = (/** @type {string} */ apiKey) =>
      extension.page.evaluate(
        (settings) => chrome.storage.local.set({ settings }),
        { serverUrl: sim.url, apiKey, idleTimeoutS: 5 },
      );
    await use("key of the run");
    shut.closed = true;
    const running = sim.waitFor("frame", (frame) => frame.type === "executing" && frame.data.node === "2");
    await extension.send(picture);
    await running;
    await eventually(async () => (await extension.jobs()).some(({ state, promptId }) => state === "running" && promptId));
    await use("key of another server");
    const shown = extension.context.waitForEvent("page");
    shut.open();
    const result = await shown;
    await result.waitForSelector("#files img");
    // A local server is sent no key to read results, so what the page of the result would use is looked at instead.
    assert.deepEqual((await extension.jobs()).map(({ apiKey }) => apiKey), ["key of the run"]);
    assert.doesNotMatch(fs.readFileSync(`${root}/www/extension/result.js`, "utf8"), /settings\(/);
    const types = await result.evaluate(async () => {
      const link = /** @type {HTMLAnchorElement} */ (document.querySelector("#files a[download]"));
      return (await (await fetch(link.href)).blob()).type;
    });
    assert.equal(types, "application/octet-stream");
  });
});

/** @param {() => Promise<boolean>} holds */
async function eventually(holds) {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 200) throw new Error("It did not come to that.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

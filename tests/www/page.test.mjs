// @ts-check
// The demo page in Chromium, against the simulator.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodePng } from "comfyui-autoflow/testing";
import { skip } from "../browser/chromium.mjs";
import { drop, ended, example, nodeStates, openSmall, opened, runToEnd, simulator, small, startPages } from "./open-page.mjs";

describe("the demo page", { skip, concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof startPages>>} */
  let pages;
  before(async () => {
    pages = await startPages();
  });
  after(() => pages?.close());

  test("opens on an example and runs it: every node done, the picture in the results", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    assert.equal(await runToEnd(page), "Done");
    await page.waitForSelector("#panel-results .card img");
    assert.match(await page.innerText("#panel-results"), /autoflow_00001_\.png/);
    assert.equal(await page.innerText("#bar-percent"), "100 %");
    assert.equal(await page.innerText("#bar-nodes"), "7 of 7 nodes");
    assert.deepEqual(new Set(Object.values(await nodeStates(page))), new Set(["done"]));
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#tab-results").then(() => page.click("text=Download"))]);
    assert.equal(download.suggestedFilename(), "autoflow_00001_.png");
  });

  test("runs again with a new seed, keeps both runs, and says what was cached", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await runToEnd(page);
    await runToEnd(page);
    await page.waitForFunction(() => document.getElementById("run-count")?.textContent === "2");
    const seeds = sim.requests.filter(({ route }) => route === "POST /prompt").map(({ body }) => body.prompt[3].inputs.seed);
    assert.notEqual(seeds[0], seeds[1]);
    const states = await nodeStates(page);
    assert.equal(states["Load Checkpoint"], "cached");
    assert.equal(states.KSampler, "done");
    await page.click("#tab-runs");
    await page.locator("#panel-runs li").nth(1).waitFor();
    assert.equal(await page.locator("#panel-runs li").count(), 2);
    await page.locator("#panel-runs li button").last().click();
    assert.equal((await nodeStates(page))["Load Checkpoint"], "done");
  });

  test("shows the queue and the history of the server, whoever submitted, and cancels from there", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await runToEnd(page);
    await page.click("#tab-server");
    await page.waitForSelector("#panel-server img[src^='blob:']");
    assert.match(await page.innerText("#panel-server"), /Nothing runs or waits\.[^]*completed/);
    sim.pause();
    const other = { client_id: "other", prompt: JSON.parse(example("text-to-image.json")) };
    await fetch(`${sim.url}/prompt`, { method: "POST", body: JSON.stringify(other) });
    await page.waitForFunction(() => /waits at 1 another client/.test(document.getElementById("panel-server")?.innerText ?? ""));
    await page.click("#panel-server button >> text=Cancel");
    await page.waitForFunction(() => /Nothing runs or waits/.test(document.getElementById("panel-server")?.innerText ?? ""));
    sim.resume();
  });

  test("fills a COMBO from the server when it is opened", async (t) => {
    const models = { checkpoints: ["model.safetensors"] };
    const sim = await simulator(t, { models });
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await page.click("#tab-nodes");
    await page.click("#panel-nodes .rows >> text=Load Checkpoint");
    const asked = sim.waitFor("answer", ({ path }) => path === "/object_info/CheckpointLoaderSimple");
    await page.focus("#panel-nodes .inspector select");
    await asked;
    await page.waitForFunction(() => document.querySelectorAll("#panel-nodes .inspector select option").length >= 1);
  });

  for (const [kind, name, type, content] of /** @type {const} */ ([
    ["a workflow", "mine.json", "application/json", () => small("upscale-in-a-subgraph.workflow.json")],
    ["a prompt", "prompt.json", "application/json", () => small("text-to-image.json")],
    ["a picture that carries a workflow", "saved.png", "image/png", () => picture({ workflow: small("upscale-in-a-subgraph.workflow.json") })],
    ["a picture that carries a prompt", "saved.png", "image/png", () => picture({ prompt: small("text-to-image.json") })],
  ])) {
    test(`takes ${kind} that is dropped on it, and runs it`, async (t) => {
      const sim = await simulator(t);
      const page = await pages.open(t, sim.url);
      await page.waitForSelector("#run:not([disabled])");
      await drop(page, name, type, content());
      await opened(page, name);
      assert.equal(await runToEnd(page), "Done");
      const [{ body }] = sim.requests.filter(({ route }) => route === "POST /prompt");
      assert.equal("4:12" in body.prompt, content().includes("Two passes"));
    });
  }

  test("shows the file that was opened last, also where an earlier one takes longer to be read", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    await page.evaluate(() => {
      const { arrayBuffer, slice } = Blob.prototype;
      const held = new Promise((release) => Object.assign(globalThis, { release }));
      const slow = new WeakSet();
      Blob.prototype.slice = function (...range) {
        const part = slice.apply(this, range);
        if (this instanceof File && this.name === "slow.json") slow.add(part);
        return part;
      };
      Blob.prototype.arrayBuffer = async function () {
        if (slow.has(this)) await held;
        return arrayBuffer.call(this);
      };
    });
    await drop(page, "slow.json", "application/json", small("text-to-image.json"));
    await drop(page, "fast.json", "application/json", small("text-to-image.json"));
    await opened(page, "fast.json");
    await page.evaluate(() => /** @type {any} */ (globalThis).release());
    assert.equal(await runToEnd(page), "Done");
    assert.equal(await page.innerText("#name"), "fast.json");
  });

  test("says what is wrong with a file that carries nothing", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    await drop(page, "plain.png", "image/png", picture({}));
    await page.waitForSelector("#notice:not([hidden])");
    assert.match(await page.innerText("#notice"), /There is no workflow in this/);
    assert.equal(await page.innerText("#name"), "text-to-image.workflow.json");
  });

  test("shows live previews while it runs, and cancels on the server", async (t) => {
    const sim = await simulator(t, { stepMs: 500 });
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    const sampling = sim.waitFor("frame", (frame) => frame.type === "executing" && frame.data.node === "3");
    await page.click("#run");
    await sampling;
    await page.waitForFunction(() => document.getElementById("bar-detail")?.textContent?.startsWith("KSampler"));
    await page.click("#tab-nodes");
    await page.waitForSelector('#panel-nodes [data-state="running"]');
    const done = sim.waitFor("prompt_done");
    await page.click("#cancel");
    assert.equal(await ended(page), "Cancelled");
    assert.equal((await done).status, "error");
    assert.equal((await nodeStates(page)).KSampler, "stopped");
    assert.equal(await page.isDisabled("#run"), false);
  });

  test("shows the node that failed, with its message, and leads to it", async (t) => {
    const sim = await simulator(t);
    sim.faults.failNode({ classType: "KSampler", message: "Allocation on device", type: "torch.OutOfMemoryError", atStep: 3 });
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    assert.equal(await runToEnd(page), "Failed");
    await page.waitForSelector("#notice:not([hidden])");
    assert.match(await page.innerText("#notice"), /A node failed\s+.*Allocation on device/s);
    await page.click("#notice .link");
    assert.equal((await nodeStates(page)).KSampler, "failed");
    assert.match(await page.innerText(".inspector"), /KSampler, node 3/);
  });

  test("goes on when the connection is lost, and says so meanwhile", async (t) => {
    const sim = await simulator(t, { stepMs: 30 });
    sim.faults.dropSocket({ at: (frame) => frame.type === "progress" && frame.data.value === 5 });
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    // It may be over before anybody looks: the page itself keeps what was shown.
    await page.evaluate(() => {
      const trouble = /** @type {HTMLElement} */ (document.getElementById("bar-trouble"));
      const shown = (/** @type {any} */ (globalThis).shown = /** @type {string[]} */ ([]));
      new MutationObserver(() => shown.push(trouble.innerText)).observe(trouble, { childList: true });
    });
    assert.equal(await runToEnd(page), "Done");
    const shown = await page.evaluate(() => /** @type {any} */ (globalThis).shown.join("\n"));
    assert.match(shown, /Connecting again|No live connection/);
    assert.equal(await page.isHidden("#bar-trouble"), true);
    await page.waitForSelector("#panel-results .card img");
  });

  test("goes on with its run after a reload", async (t) => {
    const sim = await simulator(t, { stepMs: 40 });
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    const sampling = sim.waitFor("frame", (frame) => frame.type === "progress" && frame.data.value === 2);
    await page.click("#run:not([disabled])");
    await sampling;
    await page.reload();
    assert.equal(await ended(page), "Done");
    await page.waitForSelector("#panel-results .card img");
    assert.equal(sim.requests.filter(({ route }) => route === "POST /prompt").length, 1);
  });

  test("explains a server that refuses the page, and runs on another one, one field away", async (t) => {
    const strict = await simulator(t, { cors: false });
    const open = await simulator(t);
    const page = await pages.open(t, strict.url);
    await page.waitForSelector("#notice:not([hidden])");
    const notice = await page.innerText("#notice");
    assert.match(notice, /does not let this page in/);
    assert.ok(notice.includes(`python main.py --enable-cors-header ${pages.url}`), notice);
    await page.click("text=Settings …");
    await page.fill("[name=serverUrl]", open.url);
    await page.click("#settings-form .primary");
    await openSmall(page);
    assert.equal(await runToEnd(page), "Done");
    await page.reload();
    await page.waitForSelector("#run:not([disabled])");
    assert.ok(open.url.endsWith(await page.innerText("#server-name")));
  });

  test("tells what the server finds wrong with which node", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    const prompt = JSON.parse(example("text-to-image.json"));
    prompt[3].inputs.steps = 0;
    await drop(page, "wrong.json", "application/json", JSON.stringify(prompt));
    await opened(page, "wrong.json");
    assert.equal(await runToEnd(page), "Not started");
    assert.match(await page.innerText("#notice"), /refuses this workflow.*KSampler/s);
  });

  test("values can be changed before a run", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await page.click("#tab-nodes");
    await page.click("#panel-nodes .rows >> text=KSampler");
    await page.fill('.inspector label:has-text("steps") input', "4");
    await page.press('.inspector label:has-text("steps") input', "Tab");
    await page.selectOption('.inspector label:has-text("scheduler") select', "karras");
    await runToEnd(page);
    const [{ body }] = sim.requests.filter(({ route }) => route === "POST /prompt");
    assert.equal(body.prompt[3].inputs.steps, 4);
    assert.equal(body.prompt[3].inputs.scheduler, "karras");
  });

  test("the log filters its events and shows them raw", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await openSmall(page);
    await runToEnd(page);
    await page.click("#tab-events");
    await page.fill(".log-tools input[type=search]", "execution_");
    // The log is drawn with the next frame.
    await page.waitForFunction(() => document.querySelectorAll(".log-line b").length === 3);
    const types = await page.$$eval(".log-line b", (lines) => lines.map((line) => line.textContent));
    assert.deepEqual(types, ["execution_start", "execution_cached", "execution_success"]);
    await page.focus(".log");
    await page.keyboard.press("Home");
    await page.check("text=raw");
    const raw = JSON.parse(await page.innerText(".raw"));
    assert.deepEqual([raw.type, typeof raw.data.prompt_id], ["execution_start", "string"]);
  });

  test("subgraphs open from the keyboard and sum up what is inside", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.selectOption("#examples", { index: 1 });
    await page.waitForFunction(() => document.getElementById("name")?.textContent?.startsWith("upscale"));
    await page.focus("#graph");
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("n");
    await page.focus("#graph");
    await page.keyboard.press("Enter");
    assert.match(await page.innerText("#crumbs"), /upscale-in-a-subgraph\.workflow\.json\s*Two passes/);
    await page.focus("#graph");
    await page.keyboard.press("Backspace");
    assert.equal(await page.isHidden("#crumbs"), true);
  });

  test("five hundred nodes: frames are drawn, not events", async (t) => {
    const tick = {
      input: { required: { value: /** @type {[string]} */ (["INT"]) }, optional: { after: /** @type {[string]} */ (["INT"]) } },
      output: ["INT"],
      output_node: true,
      run: async (/** @type {any} */ context) => {
        await context.progress(1, 1);
        return [context.inputs.value];
      },
    };
    const sim = await simulator(t, { nodes: { Tick: tick } });
    const prompt = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [
        String(index + 1),
        { class_type: "Tick", inputs: { value: index, ...(index < 20 ? {} : { after: [String(index - 19), 0] }) } },
      ]),
    );
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    await drop(page, "many.json", "application/json", JSON.stringify(prompt));
    await opened(page, "many.json");
    await page.evaluate(() => {
      const { fillRect } = CanvasRenderingContext2D.prototype;
      const counts = /** @type {any} */ (globalThis);
      counts.painted = counts.frames = 0;
      CanvasRenderingContext2D.prototype.fillRect = function (x, y, width, height) {
        if (x === 0 && y === 0 && width > 100) counts.painted += 1;
        return fillRect.call(this, x, y, width, height);
      };
      const count = () => {
        counts.frames += 1;
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    assert.equal(await runToEnd(page), "Done");
    assert.equal(await page.innerText("#bar-nodes"), "500 of 500 nodes");
    const { painted, frames } = await page.evaluate(() => {
      const { painted, frames } = /** @type {any} */ (globalThis);
      return { painted, frames };
    });
    const events = Number(await page.innerText("#event-count"));
    t.diagnostic(`${events} events, ${painted} paintings in ${frames} frames`);
    assert.ok(events >= 500 * 3, `${events} events`);
    assert.ok(painted > 0 && painted <= frames + 1, `${painted} paintings in ${frames} frames`);
  });
});

/** A picture with texts inside, as ComfyUI saves it. @param {Record<string, string>} text */
function picture(text) {
  const pixels = { width: 8, height: 8, channels: 3, data: new Uint8Array(8 * 8 * 3) };
  return Buffer.from(encodePng(pixels, { text }));
}

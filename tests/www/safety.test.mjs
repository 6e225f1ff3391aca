// @ts-check
// Links, servers and files that mean ill find no way into the page.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../scripts/paths.mjs";
import { skip } from "../browser/chromium.mjs";
import { drop, nodeStates, opened, runToEnd, simulator, small, startPages } from "./open-page.mjs";

/** Requests of a server that carry a key. @param {import("comfyui-autoflow/testing").Simulator} sim */
function keyedRequests(sim) {
  return sim.requests
    .filter(({ headers, text, url }) => JSON.stringify([headers, text, url]).includes("secret"))
    .map(({ route }) => route);
}

test("the page leaves every request to the package", () => {
  const folders = ["app", "graph", "panels"].map((name) => path.join(root, "www", name));
  const files = folders.flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)));
  const own = [...files, path.join(root, "www/main.js")].filter((file) => /(?<!\.)\bfetch\(/.test(fs.readFileSync(file, "utf8")));
  assert.deepEqual(own, []);
});

describe("the page and those who mean ill", { skip, concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof startPages>>} */
  let pages;
  before(async () => {
    pages = await startPages();
  });
  after(() => pages?.close());

  /** @param {import("playwright-core").Page} page @param {string} serverUrl @param {string} [key] */
  async function save(page, serverUrl, key) {
    await page.click("#server");
    await page.fill("[name=serverUrl]", serverUrl);
    if (key !== undefined) await page.fill("[name=apiKey]", key);
    await page.click("#settings-form .primary");
  }

  /** Runs a prompt, which is what carries the key to a local server. @param {import("playwright-core").Page} page */
  async function run(page) {
    await page.waitForSelector("#run:not([disabled])");
    await drop(page, "prompt.json", "application/json", small("text-to-image.json"));
    await opened(page, "prompt.json");
    assert.equal(await runToEnd(page), "Done");
  }

  test("a link that names a server gets no key, and stores nothing", async (t) => {
    const mine = await simulator(t);
    const other = await simulator(t);
    const page = await pages.open(t, other.url);
    const asked = mine.waitFor("request");
    await save(page, mine.url, "secret");
    await asked;
    await run(page);
    assert.deepEqual(keyedRequests(mine), ["POST /prompt"]);

    await page.goto(`${pages.url}/?server=${encodeURIComponent(other.url)}`);
    await run(page);
    assert.deepEqual(keyedRequests(other), []);

    await page.goto(pages.url);
    await run(page);
    assert.deepEqual(keyedRequests(mine), ["POST /prompt", "POST /prompt"]);
  });

  test("a key stays with its server when the address is changed, and comes back with it", async (t) => {
    const mine = await simulator(t);
    const other = await simulator(t);
    const page = await pages.open(t, mine.url);
    await save(page, mine.url, "secret");
    const asked = other.waitFor("request");
    await save(page, other.url);
    await asked;
    await run(page);
    assert.deepEqual(keyedRequests(other), []);
    await page.click("#server");
    await page.fill("[name=serverUrl]", mine.url);
    assert.equal(await page.inputValue("[name=apiKey]"), "secret");
  });

  test("a server that sends nonsense of its nodes and of a run leaves Run enabled", async (t) => {
    const sim = await simulator(t);
    const body = {
      KSampler: null,
      CLIPTextEncode: { input: 7, output: "CONDITIONING", output_name: { 0: 1 }, display_name: ["x"] },
      SaveImage: { input: { required: { filename_prefix: "STRING", images: null }, optional: [1] }, output: [{}, null] },
      EmptyLatentImage: { input: { required: { width: [["a"], null], height: [null, "x"], batch_size: [{}, []] } } },
    };
    const headers = { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" };
    sim.faults.failRequests({ route: "GET /object_info", times: Infinity, how: { status: 200, headers, body } });
    const page = await pages.open(t, sim.url);
    await page.waitForFunction(() => document.getElementById("server-dot")?.dataset.state !== "asking");
    await drop(page, "prompt.json", "application/json", small("text-to-image.json"));
    await opened(page, "prompt.json");
    await page.click("#tab-nodes");
    const rows = page.locator("#panel-nodes .rows button");
    for (let at = 0; at < (await rows.count()); at += 1) await rows.nth(at).click();
    await page.click("#tab-events");
    sim.faults.holdRun({ at: "execution_start" });
    const started = sim.waitFor("frame", "execution_start");
    await page.click("#run:not([disabled])");
    const { promptId } = await started;
    const data = { prompt_id: promptId, nodes: { 3: null, 4: "x" } };
    sim.sendFrame({ type: "progress_state", data });
    sim.sendFrame({ type: "executed", data: { prompt_id: promptId, node: "9", output: { images: [null, "x", 7] } } });
    sim.sendFrame({ type: "progress", data: { prompt_id: promptId, node: {}, value: "x", max: null } });
    await page.locator(".log-line", { hasText: "progress_state" }).first().waitFor();
    sim.faults.release("holdRun");
    await page.waitForSelector('#bar[data-state="completed"]');
    await page.waitForSelector("#run:not([disabled])");
  });

  test("a server whose node list cannot be read still runs a prompt", async (t) => {
    const sim = await simulator(t);
    sim.faults.failRequests({ route: "GET /object_info", times: Infinity, how: "garbage" });
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#notice:not([hidden])");
    await drop(page, "prompt.json", "application/json", small("text-to-image.json"));
    await opened(page, "prompt.json");
    assert.equal(await runToEnd(page), "Done");
  });

  test("no script runs that is not the page's own", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "globalThis.inline = true";
      const image = document.createElement("img");
      image.setAttribute("onerror", "globalThis.handler = true");
      image.src = "missing.png";
      document.body.append(script, image);
      await new Promise((resolve) => setTimeout(resolve, 300));
      let evaluated = true;
      try {
        evaluated = new Function("return true")();
      } catch {
        evaluated = false;
      }
      const { inline, handler } = /** @type {any} */ (globalThis);
      return { inline, handler, evaluated };
    });
    assert.deepEqual(ran, { inline: undefined, handler: undefined, evaluated: false });
  });

  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><script>top.drawn = true</script></svg>';
  const SaveDrawing = {
    output_node: true,
    run: (/** @type {any} */ context) => ({
      ui: { images: [context.save("output", "drawing", "svg", Buffer.from(drawing))] },
    }),
  };

  test("an SVG is shown as a picture, and saved as a file without a type", async (t) => {
    const sim = await simulator(t, { nodes: { SaveDrawing } });
    const page = await pages.open(t, sim.url);
    await page.evaluate(() => {
      const types = (/** @type {any} */ (globalThis).types = /** @type {Record<string, string>} */ ({}));
      const create = URL.createObjectURL;
      URL.createObjectURL = (/** @type {any} */ blob) => {
        const url = create.call(URL, blob);
        types[url] = blob.type;
        return url;
      };
    });
    await page.waitForSelector("#run:not([disabled])");
    await drop(page, "svg.json", "application/json", JSON.stringify({ 1: { class_type: "SaveDrawing", inputs: {} } }));
    await opened(page, "svg.json");
    assert.equal(await runToEnd(page), "Done");
    await page.waitForSelector("#panel-results .card img");
    const found = await page.evaluate(() => {
      const types = /** @type {any} */ (globalThis).types;
      const panel = /** @type {HTMLElement} */ (document.getElementById("panel-results"));
      const links = [...panel.querySelectorAll("a[download]")].map((link) => types[/** @type {any} */ (link).href]);
      const documents = panel.querySelectorAll(".card svg, iframe, object, embed").length;
      return { links, documents, drawn: /** @type {any} */ (globalThis).drawn };
    });
    assert.deepEqual(found, { links: ["application/octet-stream"], documents: 0, drawn: undefined });
  });

  test("outputs that the server refused are named with the reason, and their nodes drawn as refused", async (t) => {
    const sim = await simulator(t);
    const page = await pages.open(t, sim.url);
    await page.waitForSelector("#run:not([disabled])");
    const prompt = JSON.parse(small("text-to-image.json"));
    prompt[20] = { class_type: "LoadImage", inputs: { image: "missing.png" }, _meta: { title: "Photo" } };
    prompt[21] = { class_type: "SaveImage", inputs: { images: ["20", 0], filename_prefix: "x" }, _meta: { title: "Copy" } };
    await drop(page, "partly.json", "application/json", JSON.stringify(prompt));
    await opened(page, "partly.json");
    assert.equal(await runToEnd(page), "Done in part");
    await page.waitForSelector("#notice:not([hidden])");
    assert.match(await page.innerText("#notice"), /refused a part.*One output did not run.*Photo.*Invalid image file: missing\.png/s);
    assert.equal(await page.innerText("#bar-nodes"), "7 of 9 nodes, 2 refused");
    const states = await nodeStates(page);
    assert.deepEqual([states.Photo, states.Copy, states.KSampler], ["refused", "refused", "done"]);
  });
});

// @ts-check
// Pages that load the wasm: when the converter is, and what is said where either cannot be loaded (a wrong address, a
// Content-Security-Policy that forbids it, a service worker).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pkg } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";
import { launch, skip } from "./chromium.mjs";

/** @typedef {{ name: string, code: string, message: string, status?: number, cause?: string }} Said */

describe("loading in a page", { skip }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;

  before(async () => {
    server = await serve({ "/pkg/": pkg });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /**
   * Opens a page and runs a function there, which is given the entry.
   *
   * @param {"index" | "slim" | "workflow"} entry
   * @param {string} policy
   * @param {string} body of an async function of `api` and `said`, which makes a plain object of an error
   * @param {(page: import("playwright-core").Page) => Promise<unknown>} [prepare]
   * @returns {Promise<any>}
   */
  async function inPage(entry, policy, body, prepare) {
    const page = await browser.newPage();
    await prepare?.(page);
    // As a server for an application with its own routes answers: its page for every address that it does not know.
    await page.route("**/app/**", (route) =>
      route.fulfill({ contentType: "text/html; charset=utf-8", body: "<!doctype html><title>app</title>" }),
    );
    await page.route("**/start", (route) =>
      route.fulfill({
        headers: { "content-type": "text/html", "content-security-policy": policy },
        body: `<!doctype html><script type="module" src="/main.js"></script>`,
      }),
    );
    const code = `
      import * as api from "/pkg/${entry}.js";
      const said = ({ name, code, message, status, cause }) =>
        ({ name, code, message, status, cause: cause && String(cause) });
      globalThis.result = (async () => { ${body} })();`;
    await page.route("**/main.js", (route) => route.fulfill({ contentType: "text/javascript", body: code }));
    try {
      await page.goto(`${server.url}/start`);
      await page.waitForFunction("globalThis.result");
      return await page.evaluate("globalThis.result");
    } finally {
      await page.close();
    }
  }

  test("init says what a wrong address answers, and can be called again", async () => {
    const sources = `["/app/nope.wasm", "/nope.wasm", fetch("/nope.wasm"), "http://127.0.0.1:9/x.wasm", "/pkg/index.js", 7]`;
    /** @type {{ said: Said[], after: string }} */
    const { said, after } = await inPage(
      "slim",
      "",
      `const errors = [];
      for (const source of ${sources}) errors.push(said(await api.init(source).catch((error) => error)));
      await api.init("/pkg/client.wasm");
      return { said: errors, after: typeof api.progressPrinter() };`,
    );
    assert.deepEqual(said.map(({ name }) => name), said.map(() => "ComfyError"));
    assert.deepEqual(said.map(({ code }) => code), ["bad_input", "http", "http", "network", "bad_input", "bad_input"]);
    const messages = said.map(({ message }) => message);
    assert.equal(messages[0], '"/app/nope.wasm" answered with text/html, not wasm: is the file among those served?');
    assert.equal(messages[1], '"/nope.wasm" answered with status 404: is the file among those served?');
    assert.match(messages[2], /^"http:.*\/nope\.wasm" answered with status 404/);
    assert.match(messages[3], /^"http:\/\/127\.0\.0\.1:9\/x\.wasm" cannot be read: /);
    assert.match(messages[4], /^"\/pkg\/index\.js" does not run as client\.wasm of this version: .*magic/);
    assert.match(messages[5], /^What init\(\) was given does not run as /);
    assert.equal(said[1].status, 404);
    assert.match(said[3].cause ?? "", /TypeError/);
    assert.equal(after, "function");
  });

  const FORBIDS = "script-src 'self'";

  test("where the page's policy forbids wasm the calls say so, and the page's own code runs", async () => {
    /** @type {Said[]} */
    const errors = await inPage(
      "index",
      FORBIDS,
      `const errors = [await api.submit({}).catch(said), await api.init().catch(said)];
      try { api.progressPrinter(); } catch (error) { errors.push(said(error)); }
      return errors;`,
    );
    errors.push(await inPage("slim", FORBIDS, `return api.init("/pkg/client.wasm").catch(said);`));
    assert.equal(errors.length, 4);
    for (const { name, code, message, cause } of errors) {
      assert.deepEqual([name, code], ["ComfyError", "bad_input"]);
      assert.equal(
        message,
        "The Content-Security-Policy of this page lets no WebAssembly run: add 'wasm-unsafe-eval' to its script-src.",
      );
      assert.match(cause ?? "", /CompileError/);
    }
  });

  test("with 'wasm-unsafe-eval' it runs", async () => {
    const policy = `${FORBIDS} 'wasm-unsafe-eval'`;
    assert.equal(await inPage("index", policy, "return typeof api.progressPrinter();"), "function");
    const body = `await api.init("/pkg/client.wasm"); return typeof api.progressPrinter();`;
    assert.equal(await inPage("slim", policy, body), "function");
  });

  const WORKFLOW = "{ nodes: [], links: [] }, { objectInfo: {} }";

  test("the converter is loaded by the first workflow, or file that is no prompt, and once", async () => {
    /** @type {string[]} */
    const requested = [];
    const loaded = await inPage(
      "index",
      "",
      `const loaded = [];
      const count = () => loaded.push(performance.getEntriesByName(new URL("/pkg/converter_bytes.js", location).href).length);
      const prompt = { 1: { class_type: "A", inputs: {} } };
      await api.Workflow.load(prompt);
      await api.Workflow.load(JSON.stringify({ prompt }));
      await api.Workflow.load(new File([JSON.stringify(prompt)], "prompt.json"));
      await api.Workflow.load(new TextEncoder().encode(" " + JSON.stringify(prompt)));
      await api.Workflow.load("{}").catch(() => {});
      count();
      await Promise.all([api.Workflow.load(${WORKFLOW}), api.Workflow.load(${WORKFLOW})]);
      count();
      await api.Workflow.load(new File(["no picture"], "a.png")).catch((error) => loaded.push(error.message));
      count();
      return loaded;`,
      async (page) => page.on("request", (request) => requested.push(new URL(request.url()).pathname)),
    );
    assert.match(loaded.splice(2, 1)[0], /what can be read is JSON, PNG/);
    assert.deepEqual(loaded, [0, 1, 1]);
    assert.equal(requested.filter((path) => path === "/pkg/converter_bytes.js").length, 1);
  });

  test("a converter that cannot be loaded rejects with network, and the next call tries again", async () => {
    let refused = 0;
    /** @type {(Said | string)[]} */
    const results = await inPage(
      "index",
      "",
      `const results = [];
      for (let times = 0; times < 3; times += 1) {
        results.push(await api.Workflow.load(${WORKFLOW}).then((flow) => JSON.stringify(flow), said));
      }
      return results;`,
      // First the chunk itself, then what it imports.
      (page) =>
        page.route(/converter(-chunk|_bytes)\.js/, (route) => {
          const wanted = ["chunk", "bytes"][refused];
          if (!wanted || !route.request().url().includes(wanted)) return route.continue();
          refused += 1;
          return route.abort();
        }),
    );
    for (const error of results.splice(0, 2)) {
      assert.equal(typeof error === "object" && error.code, "network");
      assert.match(/** @type {Said} */ (error).message, /cannot be loaded: .*comfyui-autoflow\/workflow/);
    }
    assert.deepEqual(results, ["{}"]);
  });

  /** What a bar draws of two events of a run, of which one comes at once; errors that were reported too. */
  const BAR = `
    const written = [];
    const stream = { isTTY: true, columns: 40, write: (text) => written.push(text) };
    const reported = new Promise((resolve) => addEventListener("error", ({ error }) => resolve(said(error))));
    const print = api.progressPrinter({ format: "bar", stream });
    print({ type: "submitted", prompt_id: "p", ts: 1, nodes_total: ["1"] });
    const atOnce = written.length;`;

  test("the events of a bar wait until the converter is loaded", async () => {
    const body = `${BAR}
      await api.Workflow.load(${WORKFLOW});
      print({ type: "completed", prompt_id: "p", ts: 2, nodes_total: ["1"] });
      return { atOnce, written };`;
    /** @type {{ atOnce: number, written: string[] }} */
    const { atOnce, written } = await inPage("index", "", body);
    assert.equal(atOnce, 0);
    assert.match(written[0], /waiting/);
    assert.match(written[1], /done.*\n$/);
  });

  test("a bar that cannot be loaded is reported, and the run goes on", async () => {
    /** @type {{ error: Said, written: string[] }} */
    const { error, written } = await inPage(
      "index",
      "",
      `${BAR}
      const error = await reported;
      print({ type: "completed", prompt_id: "p", ts: 2 });
      print.finish();
      return { error, written };`,
      (page) => page.route(/converter-chunk\.js/, (route) => route.abort()),
    );
    assert.equal(error.code, "network");
    assert.deepEqual(written, []);
  });

  test("a service worker, which imports nothing later, is told of the entry that carries the converter", async () => {
    const worker = (/** @type {string} */ entry) => `
      import { Workflow } from "/pkg/${entry}.js";
      onmessage = ({ data }) =>
        Workflow.load(${WORKFLOW}).then((flow) => data.postMessage(JSON.stringify(flow)),
          ({ code, message }) => data.postMessage([code, message].join(" ")));`;
    const asked = (/** @type {string} */ entry) =>
      inPage(
        "index",
        "",
        `await navigator.serviceWorker.register("/worker-${entry}.js", { type: "module" });
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
        active.postMessage(port2, [port2]);
        return await answer;`,
        (page) =>
          page.context().route(`**/worker-${entry}.js`, (route) =>
            route.fulfill({ contentType: "text/javascript", body: worker(entry) }),
          ),
      );
    assert.match(await asked("index"), /^bad_input A service worker .*import from "comfyui-autoflow\/workflow"/);
    assert.equal(await asked("workflow"), "{}");
  });
});

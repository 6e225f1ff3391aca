// @ts-check
// Pages that cannot load the wasm: a wrong address, and a Content-Security-Policy that forbids it.
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
   * @param {"index" | "slim"} entry
   * @param {string} policy
   * @param {string} body of an async function of `api` and `said`, which makes a plain object of an error
   * @returns {Promise<any>}
   */
  async function inPage(entry, policy, body) {
    const page = await browser.newPage();
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
      return { said: errors, after: typeof api.chainCallbacks() };`,
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
      try { api.chainCallbacks(); } catch (error) { errors.push(said(error)); }
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
    assert.equal(await inPage("index", policy, "return typeof api.chainCallbacks();"), "function");
    const body = `await api.init("/pkg/client.wasm"); return typeof api.chainCallbacks();`;
    assert.equal(await inPage("slim", policy, body), "function");
  });
});

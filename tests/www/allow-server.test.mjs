// @ts-check
// The rule that lets an extension reach one server: what it covers, and what it does not. Chromium's side of it is in
// extension.test.mjs.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { allowServer, requestServer, serverOrigins } from "comfyui-autoflow/extension";

/** @type {any[]} */
let rules;
/** @type {string[]} */
let granted;

beforeEach(() => {
  rules = [];
  granted = serverOrigins("http://127.0.0.1:8188");
  /** @type {any} */ (globalThis).chrome = {
    runtime: { id: "abcdefgh" },
    permissions: {
      contains: async (/** @type {any} */ { origins }) => origins.every((/** @type {string} */ origin) => granted.includes(origin)),
      request: async (/** @type {any} */ { origins }) => granted.push(...origins) > 0,
    },
    declarativeNetRequest: {
      getSessionRules: async () => structuredClone(rules),
      updateSessionRules: async (/** @type {any} */ { removeRuleIds = [], addRules = [] }) => {
        rules = rules.filter(({ id }) => !removeRuleIds.includes(id));
        for (const rule of addRules) {
          assert.ok(!rules.some(({ id }) => id === rule.id), "the id is taken");
          rules.push(rule);
        }
      },
    },
  };
});

test("it is for this extension's requests, and for this server's HTTP and socket alone", async () => {
  await allowServer("http://127.0.0.1:8188");
  const [{ condition, action }] = rules;
  assert.deepEqual(condition.initiatorDomains, ["abcdefgh"]);
  assert.deepEqual(action.requestHeaders, [{ header: "origin", operation: "remove" }]);
  const covers = (/** @type {string} */ url) => new RegExp(condition.regexFilter).test(url);
  assert.ok(covers("http://127.0.0.1:8188/prompt"));
  assert.ok(covers("ws://127.0.0.1:8188/ws?clientId=1"));
  for (const url of [
    "http://127.0.0.1:81880/prompt",
    "http://127.0.0.1:8189/prompt",
    "http://127x0x0x1:8188/prompt",
    "https://127.0.0.1:8188/prompt",
    "http://evil.example/?http://127.0.0.1:8188/",
  ]) {
    assert.ok(!covers(url), url);
  }
});

test("calling again, also at the same time, makes no second rule; other rules stay", async () => {
  const other = { id: 7, condition: { regexFilter: "x" } };
  rules.push(other);
  await Promise.all([allowServer("http://127.0.0.1:8188"), allowServer("http://127.0.0.1:8188/")]);
  granted.push(...serverOrigins("https://comfy.example/base"));
  const remove = await allowServer("https://comfy.example/base");
  assert.equal(rules.length, 3);
  await remove();
  assert.deepEqual(rules.map(({ condition }) => condition.regexFilter), ["x", "^(http|ws)://127\\.0\\.0\\.1:8188/"]);
});

test("without the user's permission it says how to ask for it, and makes no rule", async () => {
  await assert.rejects(allowServer("http://127.0.0.1:9000"), { code: "forbidden_origin", message: /requestServer\(\)/ });
  assert.deepEqual(rules, []);
  assert.equal(await requestServer("http://127.0.0.1:9000"), true);
  await allowServer("http://127.0.0.1:9000");
  assert.equal(rules.length, 1);
});

test("what is missing in the manifest is named", async () => {
  delete /** @type {any} */ (globalThis).chrome.declarativeNetRequest;
  await assert.rejects(allowServer("http://127.0.0.1:8188"), /declarativeNetRequestWithHostAccess/);
  delete /** @type {any} */ (globalThis).chrome.runtime;
  await assert.rejects(allowServer("http://127.0.0.1:8188"), /works in an extension only/);
  await assert.rejects(allowServer("ftp://127.0.0.1"), Error);
});

// @ts-check
// Why a page cannot reach a server, and exactly what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComfyError } from "comfyui-autoflow";
import { explain } from "../../www/app/explain.js";
import { about, duration } from "../../www/app/time-left.js";

/** @param {string} code */
const error = (code) => Reflect.construct(ComfyError, [code, "what the package says"]);
const page = (/** @type {string} */ url) => new URL(url);

test("a server that refuses the page: the flag with this page's origin", () => {
  const { command, settings } = explain(error("forbidden_origin"), "http://127.0.0.1:8188", page("http://127.0.0.1:8080/"));
  assert.equal(command, "python main.py --enable-cors-header http://127.0.0.1:8080");
  assert.equal(settings, true);
});

for (const [what, from, to, title] of [
  ["mixed content", "https://demo.example", "http://192.168.1.5:8188", /https page may not call an http server/],
  ["a private network", "https://demo.example", "http://127.0.0.1:8188", /keeps this page from your own network/],
  ["nothing there", "http://127.0.0.1:8080", "http://127.0.0.1:8188", /Nothing answers/],
  ["nothing there, on another machine", "http://192.168.1.2:8080", "http://192.168.1.5:8188", /Nothing answers/],
  ["no address", "http://127.0.0.1:8080", "nonsense", /not an address/],
]) {
  test(`${what} is told apart by the two addresses`, () => {
    const { title: said, command } = explain(error("network"), String(to), page(String(from)));
    assert.match(said, /** @type {RegExp} */ (title));
    if (what === "nothing there, on another machine") assert.match(command ?? "", /--listen/);
  });
}

test("time is told as exactly as it is known", () => {
  assert.deepEqual([duration(0.42), duration(42.4), duration(600), duration(9000)], ["0.4 s", "42 s", "10 min", "2.5 h"]);
  assert.deepEqual([about(0.3), about(42), about(80), about(600)], ["about a second left", "about 42 s left", "about a minute left", "about 10 min left"]);
});

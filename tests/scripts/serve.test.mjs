// @ts-check
// The file server of the demo and the browser tests.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { root } from "../../scripts/paths.mjs";
import { serve } from "../../scripts/serve.mjs";

/**
 * Asks for a path as it stands; `fetch` would tidy it up first.
 *
 * @param {string} url
 * @param {string} path
 * @returns {Promise<{ status?: number, type?: string }>}
 */
function get(url, path) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = http.get({ hostname, port, path, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, type: response.headers["content-type"] });
    });
    request.on("error", reject);
  });
}

test("files are served with their type, and nothing outside of the folder", async (t) => {
  const { url, close } = await serve({ "/": `${root}/scripts`, "/examples/": `${root}/examples` });
  t.after(close);
  assert.deepEqual(await get(url, "/serve.mjs"), { status: 200, type: "text/javascript" });
  assert.deepEqual(await get(url, "/examples/text-to-image.json?x=1"), { status: 200, type: "application/json" });
  for (const path of ["/../package.json", "/..%2fpackage.json", "/%2e%2e/package.json", "/%ff", "/missing", "/%00"]) {
    assert.equal((await get(url, path)).status, 404, path);
  }
});

// @ts-check
// Servers that cannot be reached, each with its reason and not with "Nothing answered".
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ComfyError, submit, uploadImage } from "comfyui-autoflow/node";
import { startSimulator } from "comfyui-autoflow/testing";
import { textToImage } from "../scenarios/prompts.mjs";
import { call } from "./support/command.mjs";

/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;
/** @type {string} */
let folder;
before(async () => {
  server = await startSimulator({ stepMs: 0, maxUploadSize: 4_000 });
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-unreachable-"));
  await fs.writeFile(path.join(folder, "prompt.json"), JSON.stringify(textToImage()));
});
after(async () => {
  await server.close();
  await fs.rm(folder, { recursive: true });
});

/** @param {() => Promise<unknown>} work @returns {Promise<ComfyError>} */
async function failure(work) {
  const error = await work().then(
    () => assert.fail("it must fail"),
    (error) => error,
  );
  assert.ok(error instanceof ComfyError, String(error));
  return error;
}

/** A fetch that fails as Node's does. @param {string} code */
const failing = (code) => () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) }));

describe("a server that cannot be reached", () => {
  test("there is no host of this name, in the library and on the command line", async () => {
    const serverUrl = "http://no-such-host.invalid:8188";
    const error = await failure(() => submit(textToImage(), { serverUrl }));
    assert.deepEqual([error.code, error.hint?.advice], ["network", "check_address"]);
    assert.match(error.message, /there is no host of this name/);
    const { code, stderr } = await call(folder, ["--submit", "-i", "prompt.json", "-s", serverUrl]);
    assert.equal(code, 1);
    assert.match(stderr, /there is no host of this name/);
    assert.doesNotMatch(stderr, /Nothing answered/);
  });

  test("it does not speak https", async () => {
    const error = await failure(() => submit(textToImage(), { serverUrl: server.url.replace("http:", "https:") }));
    assert.deepEqual([error.code, error.hint?.advice], ["network", "use_http"]);
  });

  test("its certificate is not trusted", async () => {
    for (const code of ["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED"]) {
      const options = { serverUrl: "https://127.0.0.1:1", fetch: /** @type {any} */ (failing(code)) };
      const error = await failure(() => submit(textToImage(), options));
      assert.deepEqual([error.code, error.hint?.advice], ["network", "trust_certificate"]);
      assert.match(error.message, new RegExp(code));
    }
  });
});

test("an upload that is too large speaks of the file, not of the prompt", async () => {
  const file = new Blob([new Uint8Array(8_000)], { type: "image/png" });
  const error = await failure(() => uploadImage(file, { serverUrl: server.url, name: "large.png" }));
  assert.deepEqual([error.code, error.status], ["http", 413]);
  assert.match(error.message, /large\.png/);
  assert.doesNotMatch(error.message, /prompt/i);
});

test("an output that the prompt does not have is refused before anything is sent", async () => {
  const sent = server.requests.length;
  const error = await failure(() => submit(textToImage(), { serverUrl: server.url, partialExecutionTargets: ["404"] }));
  assert.deepEqual([error.code, error.hint?.option], ["bad_input", "partialExecutionTargets"]);
  assert.match(error.message, /404/);
  assert.equal(server.requests.length, sent);
});

test("-i takes the address of a prompt, as Workflow.load does", async () => {
  const files = createServer((_, response) => response.end(JSON.stringify(textToImage()))).listen(0, "127.0.0.1");
  await new Promise((resolve) => files.once("listening", resolve));
  const { port } = /** @type {import("node:net").AddressInfo} */ (files.address());
  const { code, stderr, stdout } = await call(folder, ["-i", `http://127.0.0.1:${port}/prompt.json`, "-o", "-"]);
  files.close();
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), textToImage());
});

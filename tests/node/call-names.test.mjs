// @ts-check
// An error about an argument or an option names the function that was called, also where that is made of another one.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import * as api from "comfyui-autoflow/node";
import { shownText } from "../scenarios/prompts.mjs";

const serverUrl = "http://127.0.0.1:9";
const wrong = /** @type {any} */ ({ serverUrll: serverUrl });
/** @type {string} */
let folder;
/** @type {string} */
let file;
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-call-names-"));
  file = path.join(folder, "prompt.json");
  await fs.writeFile(file, JSON.stringify(shownText()));
});
after(() => fs.rm(folder, { recursive: true }));

const comfy = new api.ComfyClient({ serverUrl });
const flow = () => api.Workflow.load(shownText());

/** Calls with a mistake, by the name that their error begins with or has after "of". @type {[string, () => unknown][]} */
const CALLS = [
  ["Workflow.load", () => api.Workflow.load(shownText(), wrong)],
  ["loadFile", () => api.loadFile(file, wrong)],
  ["loadFile", () => api.loadFile(file, /** @type {any} */ ({ webSocket: class {} }))],
  ["loadFile", () => api.loadFile(file, /** @type {any} */ ({ serverUrl, headers: 5 }))],
  ["load", () => comfy.load(shownText(), wrong)],
  ["load", () => comfy.load(/** @type {any} */ (5))],
  ["uploadImage", () => api.uploadImage(new Blob(["x"]), wrong)],
  ["uploadImage", () => api.uploadImage("https://example.com/cat.png")],
  ["uploadMask", () => api.uploadMask("https://example.com/cat.png", { originalRef: { filename: "a.png" } })],
  ["uploadImage", () => comfy.uploadImage(new Blob(["x"]), wrong)],
  ["upload", () => comfy.upload(new Blob(["x"]), wrong)],
  ["upload", () => comfy.upload(/** @type {any} */ (5))],
  ["upload", async () => (await flow()).upload("data:text/plain,hello")],
  ["upload", async () => (await flow()).upload(new Blob(["x"]), wrong)],
  ["uploadFile", () => api.uploadFile(file, wrong)],
  ["Submission.fromPromptId", () => api.Submission.fromPromptId("x", wrong)],
  ["pickUp", () => comfy.pickUp("x", wrong)],
  ["pickUp", () => comfy.pickUp(/** @type {any} */ (5))],
  ["submit", () => comfy.submit(shownText(), wrong)],
  ["status", () => comfy.status("x", wrong)],
  ["events", () => comfy.events(wrong)],
  ["listen", () => comfy.listen(() => {}, wrong)],
  ["ComfyClient", () => new api.ComfyClient(wrong)],
  ["ComfyPool", () => new api.ComfyPool([wrong])],
  ["ComfyPool", () => new api.ComfyPool([/** @type {any} */ ({ name: "no address" })])],
  ["pool.run", () => new api.ComfyPool().run(() => 1, wrong)],
];

for (const [at, [name, call]] of CALLS.entries()) {
  test(`${name} (${at + 1})`, async () => {
    await assert.rejects(async () => call(), (/** @type {any} */ error) => {
      assert.equal(error.name, "ComfyError");
      assert.ok(["bad_input", "no_server"].includes(error.code), error.code);
      const escaped = name.replace(".", "\\.");
      assert.match(error.message, new RegExp(`^${escaped} |^The \\w+ (\\w+ )?of ${escaped} `));
      return true;
    });
  });
}

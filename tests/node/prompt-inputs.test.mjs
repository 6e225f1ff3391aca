// @ts-check
// Inputs of a prompt by name, and its seeds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Workflow } from "comfyui-autoflow";

const PROMPT = {
  3: {
    class_type: "KSampler",
    inputs: { seed: 1, positive: ["6", 0], negative: ["57:7", 0], "model.a": 2 },
    _meta: { title: "Sampler" },
  },
  6: { class_type: "CLIPTextEncode", inputs: { text: "a", clip: ["4", 1] }, _meta: { title: "Positive prompt" } },
  "57:7": { class_type: "CLIPTextEncode", inputs: { text: "b", clip: ["3", 0] }, _meta: { title: "v1.5 prompt" } },
  KSampler: { class_type: "Note", inputs: {} },
};

/** The input that a path sets, as `ID INPUT`. @param {string} path */
async function found(path) {
  const api = await Workflow.load(structuredClone(PROMPT));
  const before = JSON.stringify(api.prompt);
  api.set(path, "set here");
  assert.notEqual(JSON.stringify(api.prompt), before);
  for (const [id, { inputs }] of Object.entries(api.prompt)) {
    for (const [name, value] of Object.entries(inputs)) if (value === "set here") return `${id} ${name}`;
  }
}

/** @param {string} path @returns {Promise<string>} */
const refused = async (path) => {
  const error = await found(path).then(() => assert.fail(`${path} was found`), (/** @type {any} */ error) => error);
  assert.equal(error.code, "bad_input");
  return error.message;
};

test("a node is named by id, then title, then class", async () => {
  assert.equal(await found("3.seed"), "3 seed");
  assert.equal(await found("57:7.text"), "57:7 text");
  assert.equal(await found("Sampler.seed"), "3 seed");
  assert.equal(await found("Positive prompt.text"), "6 text");
  // A node whose id is the name goes before one whose class it is.
  assert.match(await refused("KSampler.seed"), /^Node KSampler \(Note\) has no input "seed"\. Its inputs: none\.$/);
});

test("an input has its exact name first and then follows links", async () => {
  assert.equal(await found("3.positive"), "3 positive");
  assert.equal(await found("3.positive.text"), "6 text");
  assert.equal(await found("3.negative.clip.positive.text"), "6 text");
  assert.equal(await found("3.model.a"), "3 model.a");
});

test("a title with dots stands in quotes", async () => {
  assert.equal(await found('"v1.5 prompt".text'), "57:7 text");
  await refused("v1.5 prompt.text");
});

test("what is not there or not alone is listed", async () => {
  assert.match(await refused("CLIPTextEncode.text"), /6 \(CLIPTextEncode "Positive prompt"\), 57:7/);
  const none = await refused("Samplr.seed");
  assert.match(none, /Did you mean "Sampler"\?.*3 \(KSampler "Sampler"\)/);
  assert.match(await refused("3.sead"), /Did you mean "seed"\?.*seed, positive, negative, model\.a/);
});

test("what is no path is refused", async () => {
  for (const path of ["", "3", ".seed", "3.", '"Sampler.seed']) {
    assert.match(await refused(path), /is no path to an input/);
  }
});

test("values that JSON cannot hold are refused", async () => {
  const api = await Workflow.load(structuredClone(PROMPT));
  for (const value of [undefined, () => {}, Promise.resolve(1), 1n]) {
    assert.throws(() => api.set("3.seed", value), { code: "bad_input" });
  }
  assert.deepEqual(api.prompt[3].inputs, PROMPT[3].inputs);
});

test("seeds are numbers of inputs that are called so; linked ones are those of their primitive node", async () => {
  const api = await Workflow.load({
    3: { class_type: "KSampler", inputs: { seed: 12, steps: 20 } },
    4: { class_type: "RandomNoise", inputs: { noise_seed: 5 } },
    5: { class_type: "KSampler", inputs: { seed: ["7", 0] } },
    6: { class_type: "KSampler", inputs: { seed: ["7", 0], variation_seed: ["4", 0] } },
    7: { class_type: "PrimitiveInt", inputs: { value: 9 } },
    8: { class_type: "Text", inputs: { seed: "text", seed_mode: 3 } },
  });
  const names = api.seeds().map(({ node, input, value }) => `${node}.${input} ${value}`);
  assert.deepEqual(names, ["3.seed 12", "4.noise_seed 5", "7.value 9"]);
  const copy = api.clone();
  assert.deepEqual(copy.seed(7).map(({ value }) => value), [7, 7, 7]);
  const chosen = api.seed();
  assert.ok(chosen.every(({ value }) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31));
  assert.deepEqual(api.seeds(), chosen);
  assert.equal(copy.prompt[3].inputs.seed, 7);
  assert.throws(() => api.seed(-1), { code: "bad_input" });
  assert.throws(() => api.seed(/** @type {any} */ ("7")), { code: "bad_input" });
});

test("a copy keeps the digits of large seeds, the workflow and what the conversion said", async () => {
  const api = await Workflow.load('{"3": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615}}}');
  const copy = api.clone();
  /** @type {string[]} */
  const bodies = [];
  for (const flow of [api, copy]) {
    const fetch = async (/** @type {unknown} */ _, /** @type {any} */ init) => {
      bodies.push(init.body);
      return new Response("no", { status: 400 });
    };
    await assert.rejects(flow.submit({ serverUrl: "http://127.0.0.1:1", fetch: /** @type {any} */ (fetch) }));
  }
  for (const body of bodies) assert.match(body, /"seed":\s*18446744073709551615/);
  copy.prompt[3].inputs.seed = 1;
  assert.notEqual(api.prompt[3].inputs.seed, 1);
  assert.deepEqual([copy.workflow, copy.warnings, copy.dropped], [api.workflow, api.warnings, api.dropped]);
  assert.deepEqual(copy.chosen, api.chosen);
});

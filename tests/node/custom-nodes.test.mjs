// @ts-check
// What a conversion says about workflows with custom node packs.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ObjectInfo, Workflow, convert } from "comfyui-autoflow/node";
import { root } from "../../scripts/paths.mjs";

const objectInfo = {
  "Seed (rgthree)": {
    input: { required: { seed: ["INT", { min: -3, max: 1125899906842624 }] } },
    output: ["INT"],
    python_module: "custom_nodes.rgthree-comfy",
  },
  "Text": { input: { required: { text: ["STRING", {}] } }, output: [], python_module: "nodes" },
};
const widget = { name: "text", type: "STRING", widget: { name: "text" }, link: 1 };
const workflow = {
  version: 0.4,
  nodes: [
    { id: 1, type: "Seed (rgthree)", widgets_values: [-1] },
    { id: 2, type: "PresetText|pysssss", outputs: [{ name: "text", type: "STRING", links: [1] }] },
    { id: 3, type: "Text", inputs: [widget], widgets_values: ["a"] },
  ],
  links: [[1, 2, 0, 3, 0, "STRING"]],
};

test("a seed of -1 is chosen, and the same `random` chooses the same", async () => {
  const { prompt, chosen } = convert(workflow, objectInfo, { random: 7 });
  assert.deepEqual(chosen, [{ node: "1", input: "seed", value: prompt[1].inputs.seed }]);
  assert.ok(Number(chosen[0].value) > 0);
  assert.deepEqual(convert(workflow, objectInfo, { random: 7 }).chosen, chosen);
  const flow = await Workflow.load(workflow, { objectInfo: ObjectInfo.from(objectInfo), random: 7 });
  assert.deepEqual(flow.chosen, chosen);
});

test("what no file says is a warning with node, input and pack", () => {
  const { warnings, dropped } = convert(workflow, objectInfo);
  const about = warnings.map(({ node, input, rule, pack }) => ({ node, input, rule, pack }));
  assert.deepEqual(about, [{ node: "3", input: "text", rule: "not_in_file", pack: "comfyui-custom-scripts" }]);
  assert.deepEqual(dropped, [
    { node: "2", class_type: "PresetText|pysssss", reason: "virtual", pack: "comfyui-custom-scripts" },
  ]);
});

test("links of Use Everywhere are in the prompt", () => {
  const read = (/** @type {string} */ name) =>
    JSON.parse(fs.readFileSync(path.join(root, "tests/packs/use_everywhere", name), "utf8"));
  const { prompt } = convert(read("sub-cur.json"), read("object_info.json"));
  assert.deepEqual(prompt["2:102"].inputs.model, ["1", 0]);
});

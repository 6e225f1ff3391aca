// @ts-check
// The declarations that `types` writes, compiled strictly.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { nodeModules, pkg } from "../../scripts/paths.mjs";
import { call } from "./support/command.mjs";

const SAMPLERS = ["euler", "heun", "dpm_2", "lcm"];

/** What servers and custom node packs write. */
const INFO = {
  KSampler: {
    input: {
      required: {
        model: ["MODEL", {}],
        seed: ["INT", { default: 0, max: 18446744073709551615 }],
        sampler_name: [SAMPLERS, {}],
        positive: ["CONDITIONING"],
      },
      optional: { note: ["STRING", { default: NaN }] },
    },
  },
  CLIPTextEncode: { input: { required: { text: ["STRING", { multiline: true }], clip: ["CLIP"] } } },
  "Sampler (odd pack)": { input: { required: { "a name": ["COMBO", { options: SAMPLERS }], any: ["*"], both: ["INT,FLOAT"] }, optional: { "a name": ["INT"] } } },
  Empty: { input: { required: { file: [[], {}], one: [[1, true, "x"]], model: ["COMFY_DYNAMICCOMBO_V3", {}] } } },
  Broken: { input: null },
  AlsoBroken: null,
};

const USE = `
import { ComfyClient, type ApiFlow, type Prompt } from "comfyui-autoflow";
import type { Nodes } from "./comfy-nodes.js";
const comfy = new ComfyClient({ serverUrl: "http://127.0.0.1:8188" });
const api: ApiFlow<Nodes> = await comfy.load({});
api.find({ classType: "KSampler" })[0].inputs.sampler_name = "euler";
api.find<"KSampler">({ title: "Sampler" })[0].inputs.positive = ["6", 0];
api.set("KSampler.seed", 3);
api.set("KSampler.positive.text", "followed");
api.set("Positive prompt.text", "a title");
api.find({ classType: "Empty" })[0].inputs["model.steps"] = 3;
api.find({ classType: "Sampler (odd pack)" })[0].inputs["a name"] = "lcm";
await comfy.submit(api.clone());
const plain: ApiFlow = await comfy.load({} as Prompt);
plain.find({ classType: "KSampler" })[0].inputs.anything = 1;
plain.set("Whatever.input", 1);
`;

/** @type {[string, RegExp][]} */
const WRONG = [
  ['api.find({ classType: "KSampler" })[0].inputs.sede = 3;', /'sede' does not exist/],
  ['api.find({ classType: "KSampler" })[0].inputs.sampler_name = "eulr";', /Did you mean '"euler"'/],
  ['api.set("KSampler.sede", 3);', /"KSampler\.seed"/],
  ['api.set("KSampler.seed", "three");', /not assignable to parameter of type 'number \| Link'/],
];

test("what is right compiles strictly, and a misspelt input or choice does not", async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-types-"));
  const write = (/** @type {string} */ name, /** @type {string} */ text) => fs.writeFile(path.join(folder, name), text);
  await write("object_info.json", JSON.stringify(INFO).replace('"default":null', '"default":NaN'));
  await write("package.json", '{"type": "module"}');
  await fs.mkdir(path.join(folder, "node_modules"));
  await fs.symlink(pkg, path.join(folder, "node_modules", "comfyui-autoflow"), "junction");
  const { code, stdout, stderr } = await call(folder, ["types", "-f", "object_info.json"]);
  assert.deepEqual([code, stdout], [0, "comfy-nodes.d.ts\n"], stderr);
  await write("use.ts", USE);
  for (const [at, [line]] of WRONG.entries()) await write(`wrong-${at}.ts`, `${USE}${line}\n`);
  const flags = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"];
  const compile = async (/** @type {string[]} */ files) =>
    promisify(execFile)(process.execPath, [path.join(nodeModules, "typescript", "bin", "tsc"), ...flags, ...files], { cwd: folder }).then(
      () => "",
      (error) => String(error.stdout),
    );
  assert.equal(await compile(["use.ts"]), "");
  const errors = await compile(WRONG.map((_, at) => `wrong-${at}.ts`));
  for (const [at, [line, message]] of WRONG.entries()) {
    const said = errors.split("\n").filter((error) => error.startsWith(`wrong-${at}.ts`));
    assert.equal(said.length, 1, `${line}\n${errors}`);
    assert.match(said[0], message);
  }
  await fs.rm(folder, { recursive: true });
});

test("what is no object info is refused", async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-types-"));
  await fs.writeFile(path.join(folder, "none.json"), '{"3": {"class_type": "KSampler", "inputs": {}}}');
  const { code, stderr } = await call(folder, ["types", "-f", "none.json"]);
  assert.equal(code, 2);
  assert.match(stderr, /no object info/);
  await fs.rm(folder, { recursive: true });
});

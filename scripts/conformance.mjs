// @ts-check
// `npm run conformance`: converts workflows and compares the prompts with those of ComfyUI's own frontend; prints what
// differs, most frequent first, and how many are exact.
//   -- --packs                                             workflows with custom node packs (../shared/packs)
//   -- --workflows DIR --prompts DIR --object-info FILE    these (NAME.json in both folders, or NAME.prompt.json)
// Without arguments: this project's own, and where ../shared/conversion is, the workflow templates that ComfyUI ships
// (fetched with pip) and the cases there.
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { NONE, add, line } from "./counts.mjs";
import { cache, root } from "./paths.mjs";
import { run, say, script, step } from "./run.mjs";
import { setup } from "./setup.mjs";

/** @typedef {import("./counts.mjs").Counts} Counts */
/** @typedef {{ name: string, workflows: string, prompts: string, objectInfo: string }} Corpus */

const TEMPLATES = "comfyui-workflow-templates-json==0.1.50";
const CONFORMANCE = ["run", "--quiet", "--example", "conformance", "--"];
const shared = path.join(root, "..", "shared", "conversion");
const sharedPacks = path.join(root, "..", "shared", "packs");

/**
 * What is compared in every test run.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts & { output: string }>}
 */
export async function conformance(env) {
  if (!fs.existsSync(shared)) {
    return { ...NONE, output: `The corpora are not here (${path.relative(root, shared)}).` };
  }
  try {
    return await compareAll([await templateCorpus(), folder("cases", path.join(shared, "cases"))], env);
  } catch (error) {
    return { ...NONE, failed: 1, output: /** @type {Error} */ (error).message };
  }
}

/**
 * @param {Corpus[]} corpora
 * @param {NodeJS.ProcessEnv} env
 */
async function compareAll(corpora, env) {
  let total = NONE;
  const outputs = [];
  for (const { name, workflows, prompts, objectInfo } of corpora) {
    const args = ["--workflows", workflows, "--prompts", prompts, "--object-info", objectInfo];
    // What ComfyUI ships is as it should be: a warning about it is a false alarm.
    if (name === "templates") args.unshift("--warnings", "refused");
    const { code, output } = await run("cargo", [...CONFORMANCE, ...args], { env });
    const counts = ofConformance(output, code);
    total = add(total, counts);
    outputs.push(`${name}\n${output.trimEnd()}`);
  }
  return { ...total, output: outputs.join("\n\n") };
}

/**
 * @param {string} output
 * @param {number} code
 * @returns {Counts} a run that did not get to its closing line counts as one failure
 */
function ofConformance(output, code) {
  const [, passed, failed] = output.match(/^(\d+) passed, (\d+) failed$/m) ?? [undefined, 0, 0];
  return { ...NONE, passed: Number(passed), failed: Math.max(Number(failed), code === 0 ? 0 : 1) };
}

/**
 * @param {string} name
 * @param {string} at
 * @returns {Corpus} workflows with their prompts beside them
 */
function folder(name, at) {
  return { name, workflows: at, prompts: at, objectInfo: path.join(at, "object_info.json") };
}

/** @returns {Promise<Corpus>} */
async function templateCorpus() {
  return {
    name: "templates",
    workflows: await templateFolder(),
    prompts: path.join(shared, "prompts"),
    objectInfo: path.join(shared, "object_info.json"),
  };
}

/** The workflow templates of ComfyUI, fetched when they are not there. */
export async function templateFolder() {
  const fetched = path.join(cache, TEMPLATES.replace("==", "-"));
  const templates = path.join(fetched, "comfyui_workflow_templates_json", "templates");
  if (!fs.existsSync(templates)) {
    await step("Fetching the workflow templates of ComfyUI", "pip", [
      ...["install", "--quiet", "--no-deps", "--target", fetched, TEMPLATES],
    ]);
  }
  return templates;
}

if (process.argv[1] === path.join(root, "scripts", "conformance.mjs")) {
  script(async () => {
    const { values } = parseArgs({
      options: {
        "workflows": { type: "string" },
        "prompts": { type: "string" },
        "object-info": { type: "string" },
        "packs": { type: "boolean" },
      },
    });
    const { workflows, prompts, "object-info": objectInfo, packs } = values;
    const env = await setup();
    if (packs) {
      if (!fs.existsSync(sharedPacks)) throw new Error(`The recordings are not here (${path.relative(root, sharedPacks)}).`);
      const { code, output } = await run("cargo", [...CONFORMANCE, "--packs", sharedPacks], { env });
      process.stdout.write(`${output.trimEnd()}\n`);
      process.exitCode = code;
      return;
    }
    const own = folder("own workflows", path.join(root, "tests", "conversion"));
    let corpora = [own];
    if (workflows && prompts && objectInfo) {
      corpora = [{ name: workflows, workflows, prompts, objectInfo }].map(absolute);
    } else if (Object.keys(values).length) {
      throw new Error("--workflows, --prompts and --object-info go together.");
    } else if (fs.existsSync(shared)) {
      corpora = [await templateCorpus(), folder("cases", path.join(shared, "cases")), own];
    } else {
      say(`The corpora are not here (${path.relative(root, shared)}): only this project's own workflows.`);
    }
    const { output, ...counts } = await compareAll(corpora, env);
    process.stdout.write(`${output}\n\n${line(counts)}\n`);
    process.exitCode = counts.failed || !counts.passed ? 1 : 0;
  });
}

/**
 * @param {Corpus} corpus
 * @returns {Corpus} as seen from where the command was given; npm changes into the project's folder
 */
function absolute({ name, ...paths }) {
  const from = process.env.INIT_CWD ?? process.cwd();
  const { workflows, prompts, objectInfo } = paths;
  const at = (/** @type {string} */ file) => path.resolve(from, file);
  return { name, workflows: at(workflows), prompts: at(prompts), objectInfo: at(objectInfo) };
}

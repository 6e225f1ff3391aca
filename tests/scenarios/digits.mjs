// @ts-check
// Integers that no JavaScript number holds: ComfyUI's seeds go up to 2 ** 64.
import { equal, ok, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";

const SEED = "18446744073709551557";
const PROMPT = JSON.stringify(textToImage({ seed: 4711 })).replace("4711", SEED);
const WORKFLOW = `{"nodes": [
  {"id": 1, "type": "KSampler", "widgets_values": [${SEED}, "fixed", 4, 7, "euler", "normal", 1]},
  {"id": 2, "type": "Note", "widgets_values": ["${SEED}"]}], "links": []}`;

/** @param {string} text */
const seedsOf = (text) => [...text.matchAll(/"seed": ?(-?\d+)/g)].map(([, digits]) => digits);

/**
 * The bodies that submissions send.
 *
 * @param {import("./harness.mjs").Sim} sim
 */
async function recorder(sim) {
  const server = await sim.start({ stepMs: 0 });
  /** @type {string[]} */
  const bodies = [];
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    if (typeof init?.body === "string") bodies.push(init.body);
    return globalThis.fetch(url, init);
  };
  return { options: { serverUrl: server.url, fetch }, bodies };
}

scenario("a large seed of a prompt keeps its digits: text, file, and what Workflow.load gives", async (api, sim) => {
  const { options, bodies } = await recorder(sim);
  await api.submit(PROMPT, options);
  for (const source of [PROMPT, new Blob([PROMPT]), new TextEncoder().encode(PROMPT), `{"prompt": ${PROMPT}}`]) {
    const flow = await api.Workflow.load(source);
    await flow.submit(options);
    await api.submit(flow, options);
    await api.submit(flow.prompt, options);
    await api.submit({ ...flow.prompt }, options);
  }
  equal(bodies.map(seedsOf), bodies.map(() => [SEED]));
  equal(bodies.length, 17);
});

scenario("a large seed of a workflow keeps its digits, in the prompt and in the workflow that goes along", async (api, sim) => {
  const { options, bodies } = await recorder(sim);
  const { serverUrl } = options;
  const info = await api.ObjectInfo.fetch(serverUrl);
  // Nothing is linked: the server refuses it, and has got it all the same.
  const flow = await api.Workflow.load(WORKFLOW, { objectInfo: info });
  await flow.submit(options).catch(() => {});
  await api.submit(api.convert(WORKFLOW, info).prompt, options).catch(() => {});
  await api.submit(api.convert(flow.workflow ?? "", info).prompt, options).catch(() => {});
  equal(bodies.map(seedsOf), [[SEED], [SEED], [SEED]]);
  ok(bodies[0].includes(`"widgets_values":[${SEED},"fixed"`), bodies[0]);
  ok(bodies[0].includes(`["${SEED}"]`), "a text stays a text");
});

scenario("a seed that was changed is the one that is sent", async (api, sim) => {
  const { options, bodies } = await recorder(sim);
  const flow = await api.Workflow.load(PROMPT);
  const { inputs } = flow.find({ classType: "KSampler" })[0];
  inputs.seed = 42;
  await flow.submit(options);
  inputs.seed = 7;
  await flow.submit(options);
  inputs.steps = 5;
  await flow.submit(options);
  equal(bodies.map(seedsOf), [["42"], ["7"], ["7"]]);
});

scenario("a change elsewhere leaves the digits of a seed alone", async (api, sim) => {
  const { options, bodies } = await recorder(sim);
  const flow = await api.Workflow.load(PROMPT.replace('"a lighthouse at dusk"', '"0.123456789012345678901234567890 \\"seed\\": 99999999999999999999 \\\\"'));
  const [{ inputs }] = flow.find({ classType: "KSampler" });
  inputs.steps = 3;
  await flow.submit(options);
  const sent = JSON.parse(bodies[0]).prompt;
  equal(sent[3].inputs.steps, 3);
  equal(sent[6].inputs.text, '0.123456789012345678901234567890 "seed": 99999999999999999999 \\');
  ok(bodies[0].includes(`"seed":${SEED}`), bodies[0]);
});

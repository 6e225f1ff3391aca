// @ts-check
// A module traps in the middle of a run. Played in Node and in a page: plain values come out of it.

import { textToImage } from "../scenarios/prompts.mjs";

/** @param {any} error */
const said = ({ name, code, message }) => ({ name, code, message });

/**
 * @param {any} slim the slim entry, initialised with a client that can trap
 * @param {{ client: any }} modules
 * @param {string} serverUrl
 */
export async function trapInTheMiddle(slim, { client }, serverUrl) {
  const prompt = () => ({ 1: { class_type: "LabText", inputs: { text: String(Math.random()) } } });
  const workflow = { nodes: [], links: [] };
  const { trap } = client.glue.initSync();
  /** @type {string[]} */
  const after = [];
  let trapped = false;
  const accepted = await slim.submit(prompt(), { serverUrl });
  await accepted.wait();
  // Long enough for the socket to open.
  const started = await slim.submit(textToImage({ seed: 1, steps: 600 }), { serverUrl });
  const run = started.wait({
    onEvent: (/** @type {any} */ { type }) => {
      if (trapped) after.push(type);
      if (type !== "progress") return;
      trapped = true;
      trap.value = 1;
    },
  });
  const parallel = slim.submit(textToImage({ seed: 2 }), { serverUrl, wait: true });
  const listening = slim.submit(textToImage({ seed: 3 }), { serverUrl }).then(async (/** @type {any} */ submission) => {
    for await (const _ of submission.events());
  });
  const pending = [];
  for (const promise of [run, parallel, listening]) pending.push(await promise.then(() => "resolved", said));
  const late = [];
  late.push(await slim.submit(prompt(), { serverUrl }).catch(said));
  late.push(await slim.Workflow.load(workflow, { objectInfo: {} }).catch(said));
  late.push(await accepted.cancel().catch(said));
  try {
    slim.progressPrinter();
  } catch (error) {
    late.push(said(error));
  }
  const converted = JSON.stringify(slim.convert(workflow, {}).prompt);
  await slim.init();
  const stale = await accepted.fetchHistory().catch(said);
  const again = await slim.submit(prompt(), { serverUrl, wait: true, onEvent() {} });
  const loaded = JSON.stringify(await slim.Workflow.load(workflow, { objectInfo: {} }));
  return { pending, late, after, converted, stale, again: again.status, loaded };
}

/** What must come of it. @param {Awaited<ReturnType<typeof trapInTheMiddle>>} outcome @param {typeof import("node:assert/strict")} assert */
export function check({ pending, late, after, converted, stale, again, loaded }, assert) {
  for (const error of [...pending, ...late]) {
    assert.deepEqual([error.name, error.code], ["ComfyError", "internal"], JSON.stringify(error));
    assert.match(error.message, /^client\.wasm of comfyui-autoflow failed: .*await init\(\)/);
  }
  assert.equal(pending.length + late.length, 7);
  assert.deepEqual(after, [], "no event after the trap");
  assert.equal(converted, "{}", "the converter goes on");
  assert.equal(stale.code, "internal", "an object of the instance that trapped");
  assert.deepEqual([again, loaded], ["completed", "{}"], "after init()");
}

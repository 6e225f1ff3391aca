// @ts-check
// The side of the page: plays one scenario on the package that was served with it.
import { play } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";
import { leftovers, watch } from "../scenarios/leftovers.mjs";

/** @type {any} */
const page = globalThis;

watch();
const api = await import("comfyui-autoflow/workflow");
await load();
page.leftovers = leftovers;
page.playScenario = async (/** @type {string} */ name) => {
  try {
    await play(name, api, page.askSimulator);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};

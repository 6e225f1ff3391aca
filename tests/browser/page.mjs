// @ts-check
// The side of the page: plays one scenario on the package that was served with it.
import * as api from "comfyui-autoflow";
import { play } from "../scenarios/harness.mjs";
import { load } from "../scenarios/index.mjs";

/** @type {any} */
const page = globalThis;

await load();
page.playScenario = async (/** @type {string} */ name) => {
  try {
    await play(name, api, page.askSimulator);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};

// @ts-check
// `--submit`: sends prompts, shows their progress, saves their files.
import { ComfyClient, ComfyPool, progressPrinter } from "../node-file.js";
import { refusedOutputs } from "../node/names.js";
import { load } from "./load.js";
import { checkSaving, saveOutputs } from "./saving.js";
import { apiKey, serverUrl } from "./server.js";
import { applySettings, checkSettings, seeded, tellSeeds } from "./settings.js";
import { print, say } from "./terminal.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/**
 * Submits the inputs, each as often as it is to be repeated: one after the other, or with several servers on the next
 * free one. The indices of saved pictures go on from one to the next. Everything is checked before the first prompt is
 * sent, because a run can take long. True if the servers accepted all outputs of all prompts.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function submitInputs(args, signal) {
  const serverUrls = args.serverUrls.length ? args.serverUrls : [serverUrl(args)];
  const key = apiKey();
  const clients = serverUrls.map((url) => new ComfyClient({ serverUrl: url, apiKey: key }));
  if (args.waitForServer !== undefined) await waitForServers(clients, args.waitForServer, signal);
  const loaded = await load(args, signal);
  const prompts = Array.from({ length: args.repeat }, (_, round) => loaded.map((api) => ({ api: api.clone(), round }))).flat();
  for (const { api } of prompts) checkSettings(api, args.sets);
  await checkSaving(args, prompts.map(({ api }) => api));
  const pool = clients.length > 1 ? new ComfyPool(serverUrls.map((url) => ({ serverUrl: url, apiKey: key }))) : undefined;
  let [indexOffset, isWhole] = [args.indexOffset, true];

  /** @param {import("../index.js").ComfyClient} comfy @param {(typeof prompts)[number]} prompt */
  const send = async (comfy, { api, round }) => {
    await applySettings(api, args.sets, comfy, signal);
    // The first of several keeps the seeds that it has, unless `--seed` says otherwise.
    const wantsSeeds = args.seed !== undefined || round > 0;
    if (wantsSeeds) seeded(api, args.seed ?? "random");
    if (wantsSeeds || args.repeat > 1) tellSeeds(api.seeds());
    if (!args.wait) {
      const run = await comfy.submit(api, { signal });
      print(run.promptId);
      return run;
    }
    // Bars of several runs would draw over each other.
    const printer = args.progress && !pool ? progressPrinter({ prompt: api.prompt }) : undefined;
    /** @param {import("../index.js").ComfyEvent} event */
    const onEvent = (event) => {
      // At once, so that a script can use it while the run goes on.
      if (event.type === "submitted") {
        print(event.prompt_id);
        if (pool && args.progress) say(`${event.prompt_id} goes to ${comfy.serverUrl}`);
      }
      printer?.(event);
    };
    return comfy.submit(api, { signal, wait: true, onEvent }).finally(() => printer?.finish());
  };

  /** @param {import("../index.js").Submission} run */
  const save = async (run) => {
    if (args.wait) indexOffset += await saveOutputs(args, run, indexOffset, signal);
    isWhole = tellRefused(run) && isWhole;
  };

  if (!pool) {
    for (const prompt of prompts) await save(await send(clients[0], prompt));
    return isWhole;
  }
  const jobs = prompts.map((prompt) => pool.run((comfy) => send(comfy, { ...prompt, api: prompt.api.clone() }), { signal }));
  // Only the first failure is reported.
  for (const job of jobs) job.catch(() => {});
  for (const job of jobs) await save(await job);
  return isWhole;
}

/**
 * @param {import("../index.js").ComfyClient[]} clients
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 */
async function waitForServers(clients, timeoutMs, signal) {
  await Promise.all(clients.map((comfy) => comfy.ready({ timeoutMs, signal })));
}

/**
 * Names the outputs that the server refused. True where there are none.
 *
 * @param {import("../index.js").Submission} run
 */
function tellRefused(run) {
  const message = refusedOutputs(run.nodeErrors);
  if (message === undefined) return true;
  say(message);
  return false;
}

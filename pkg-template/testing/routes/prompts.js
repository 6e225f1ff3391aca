// @ts-check
// Prompts: `POST /prompt`, the queue and `POST /interrupt`.
import { randomUUID } from "node:crypto";
import { empty, json, serverError } from "../http/response.js";
import { Float } from "../python/json.js";
import { float } from "../python/values.js";
import { tuple } from "../server/prompt-queue.js";
import { validatePrompt } from "../validation/prompt-validation.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Credentials in `extra_data`, which queue and history never show. */
const SENSITIVE = ["auth_token_comfy_org", "api_key_comfy_org"];

/** @param {string} type @param {string} message @param {string} [details] */
function refusal(type, message, details = message) {
  return json({ error: { type, message, details, extra_info: {} }, node_errors: {} }, 400);
}

/** @param {Request} request @param {Simulator} sim */
export function postPrompt(request, sim) {
  return submit(request.jsonObject(), sim);
}

/** @param {Map<string, any>} data @param {Simulator} sim */
export function submit(data, sim) {
  if (sim.replay) return sim.replay.postPrompt(data, sim);
  const server = sim.process;
  let number;
  if (data.has("number")) number = pythonFloat(data.get("number"));
  else {
    number = data.get("front") ? -server.number : server.number;
    server.number += 1;
  }
  const prompt = data.get("prompt");
  if (!data.has("prompt")) return refusal("no_prompt", "No prompt provided");
  if (!(prompt instanceof Map)) throw serverError();
  const promptId = data.get("prompt_id") ?? randomUUID();
  if (sim.version === "new" && !(typeof promptId === "string" && UUID.test(promptId))) {
    const wanted = "prompt_id must be a UUID string in canonical lowercase hyphenated form";
    const advice = `${wanted}; omit it to let the server generate one`;
    return refusal("invalid_prompt_id", "prompt_id must be a valid UUID", advice);
  }
  server.logLine("got prompt");
  const { error, outputs, nodeErrors } = validatePrompt(prompt, {
    nodes: sim.nodes,
    version: sim.version,
    targets: data.get("partial_execution_targets") ?? null,
    outputOrder: sim.outputOrder,
    sim,
  });
  if (error) return json({ error, node_errors: nodeErrors }, 400);

  const extraData = new Map(data.get("extra_data") instanceof Map ? data.get("extra_data") : []);
  if (data.has("client_id")) extraData.set("client_id", data.get("client_id"));
  for (const key of SENSITIVE) extraData.delete(key);
  if (sim.version === "new") extraData.set("create_time", Date.now());
  server.queue.put({ number: Number(number), promptId: String(promptId), prompt, extraData, outputs });
  sim.emit("prompt_queued", { promptId, number: Number(number) });
  return json({ prompt_id: promptId, number, node_errors: nodeErrors });
}

/** @param {any} value */
function pythonFloat(value) {
  try {
    const number = float(value);
    return number instanceof Float ? number : new Float(number);
  } catch {
    throw serverError();
  }
}

/** @param {Request} _ @param {Simulator} sim */
export function getPrompt(_, sim) {
  return json(sim.process.queueInfo());
}

/** @param {Request} _ @param {Simulator} sim */
export function getQueue(_, sim) {
  const { running, pending } = sim.process.queue;
  return json({ queue_running: running.map(tuple), queue_pending: pending.map(tuple) });
}

/** @param {Request} request @param {Simulator} sim */
export function postQueue(request, sim) {
  const data = request.jsonObject();
  if (data.get("clear")) sim.process.queue.clear();
  for (const id of data.get("delete") ?? []) sim.process.queue.delete(id);
  return empty(200);
}

/** @param {Request} request @param {Simulator} sim */
export function postInterrupt(request, sim) {
  let data = new Map();
  try {
    data = request.json();
  } catch {
    // An empty body interrupts every running prompt.
  }
  if (!(data instanceof Map)) throw serverError();
  const promptId = data.get("prompt_id");
  if (promptId) sim.process.interrupt(promptId);
  else for (const execution of sim.process.executions.values()) execution.interrupt();
  return empty(200);
}

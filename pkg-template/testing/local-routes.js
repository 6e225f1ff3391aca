// @ts-check
// What a ComfyUI on one's own machine answers.
import { randomUUID } from "node:crypto";
import { bytes, empty, json, serverError } from "./http.js";
import { describeJob } from "./jobs.js";
import { Float } from "./json.js";
import { nodeInfo } from "./node-info.js";
import { float } from "./python.js";
import { tuple } from "./queue.js";
import { validatePrompt } from "./validation.js";
export { getView, uploadImage, uploadMask } from "./file-routes.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SENSITIVE = ["auth_token_comfy_org", "api_key_comfy_org"];

/**
 * @typedef {import("./http.js").Request} Request
 * @typedef {import("./simulator.js").Simulator} Simulator
 */

/** The body as an object; anything else makes a real server stumble. @param {Request} request */
export function body(request) {
  try {
    const value = request.json();
    if (value instanceof Map) return value;
  } catch {
    // Falls through to the same answer.
  }
  throw serverError();
}

/** @param {string} type @param {string} message @param {string} [details] */
function refusal(type, message, details = message) {
  return json({ error: { type, message, details, extra_info: {} }, node_errors: {} }, 400);
}

/** @param {Request} request @param {Simulator} sim */
export function postPrompt(request, sim) {
  return submit(body(request), sim);
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
  const data = body(request);
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
    // An empty body means: whatever runs.
  }
  if (!(data instanceof Map)) throw serverError();
  const promptId = data.get("prompt_id");
  if (promptId) sim.process.interrupt(promptId);
  else for (const execution of sim.process.executions.values()) execution.interrupt();
  return empty(200);
}

/** @param {Request} request @param {Simulator} sim */
export function getHistory(request, sim) {
  const entries = [...sim.process.queue.history];
  const max = request.query.has("max_items") ? Number(request.query.get("max_items")) : entries.length;
  const offset = request.query.has("offset") ? Number(request.query.get("offset")) : -1;
  const start = offset < 0 ? Math.max(0, entries.length - max) : offset;
  return json(new Map(entries.slice(start, start + max)));
}

/** @param {Request} request @param {Simulator} sim */
export function postHistory(request, sim) {
  const data = body(request);
  const { history } = sim.process.queue;
  if (data.get("clear")) history.clear();
  for (const id of data.get("delete") ?? []) history.delete(id);
  return empty(200);
}

/** @param {Request} request @param {Simulator} sim */
export function getHistoryItem(request, sim) {
  const id = request.params.prompt_id;
  const item = sim.process.queue.history.get(id);
  return json(new Map(item ? [[id, item]] : []));
}

/** @param {Request} _ @param {Simulator} sim */
export function getJobs(_, sim) {
  const { queue } = sim.process;
  const ids = [...queue.history.keys(), ...[...queue.running, ...queue.pending].map((item) => item.promptId)];
  const jobs = ids.map((id) => describeJob(id, queue, false)).reverse();
  return json({ jobs, pagination: { offset: 0, limit: null, total: jobs.length, has_more: false } });
}

/** @param {Request} request @param {Simulator} sim */
export function getJob(request, sim) {
  const job = describeJob(request.params.job_id, sim.process.queue, true);
  return job ? json(job) : json({ error: "Job not found" }, 404);
}

/** @param {Request} request @param {Simulator} sim */
export function cancelJob(request, sim) {
  const id = request.params.job_id;
  return json({ cancelled: sim.process.interrupt(id) || sim.process.queue.delete(id) });
}

/** @param {Request} request @param {Simulator} sim */
export function cancelJobs(request, sim) {
  const ids = body(request).get("job_ids");
  if (!Array.isArray(ids)) return json({ error: "job_ids must be a list" }, 400);
  const wrong = ids.filter((id) => typeof id !== "string" || !UUID.test(id));
  if (wrong.length > 0) return json({ error: "job_ids contains invalid id(s)", invalid_ids: wrong.map(String) }, 400);
  const done = ids.map((id) => sim.process.interrupt(id) || sim.process.queue.delete(id));
  return json({ cancelled: done.includes(true) });
}

/** @param {Request} request @param {Simulator} sim */
export function getObjectInfo(request, sim) {
  const wanted = request.params.node_class;
  const classes = Object.keys(sim.nodes).filter((name) => wanted === undefined || name === wanted);
  return json(new Map(classes.map((name) => [name, nodeInfo(name, sim.nodes[name], sim)])));
}

/** @param {Request} _ @param {Simulator} sim */
export function getFeatures(_, sim) {
  return json(sim.features());
}

/** @param {Request} _ @param {Simulator} sim */
export function getSystemStats(_, sim) {
  const memory = 16 * 1024 ** 3;
  return json({
    system: {
      os: "simulator",
      ram_total: memory,
      ram_free: memory,
      comfyui_version: sim.version === "new" ? "0.33.0" : "0.3.64",
      required_frontend_version: "1.0.0",
      python_version: "3.12.0",
      pytorch_version: "2.0.0+cpu",
      embedded_python: false,
      argv: ["main.py"],
    },
    devices: [
      {
        name: "cpu",
        type: "cpu",
        index: null,
        vram_total: memory,
        vram_free: memory,
        torch_vram_total: memory,
        torch_vram_free: memory,
      },
    ],
  });
}

export function getEmbeddings() {
  return json([]);
}

/** @param {Request} request @param {Simulator} sim */
export function getModels(request, sim) {
  const { folder } = request.params;
  return folder === "checkpoints" ? json(sim.checkpoints) : empty(404);
}

export function postFree() {
  return empty(200);
}

export function getRoot() {
  const page = "<!doctype html><title>ComfyUI simulator</title><p>A simulated ComfyUI: there is no editor here.</p>";
  return bytes(Buffer.from(page), "text/html");
}

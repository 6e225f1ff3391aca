// @ts-check
// `/api/jobs` (0.6.0 and later).
import { json } from "../http/response.js";
import { tuple } from "../server/prompt-queue.js";
import { UUID } from "./prompts.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

const STATES = ["pending", "in_progress", "completed", "failed", "cancelled"];

const PREVIEWABLE = ["images", "video", "audio", "3d", "text"];

/**
 * @param {string} id @param {import("../server/prompt-queue.js").PromptQueue} queue
 * @param {boolean} detailed whether a finished job comes with outputs and workflow
 */
export function describeJob(id, queue, detailed) {
  const past = queue.history.get(id);
  if (past) return pastJob(id, past, detailed);
  for (const [items, status] of /** @type {const} */ ([
    [queue.running, "in_progress"],
    [queue.pending, "pending"],
  ])) {
    const item = items.find((one) => one.promptId === id);
    if (!item) continue;
    const [priority] = tuple(item);
    return { id, status, priority, ...created(item.extraData), outputs_count: 0, previewable_outputs_count: 0 };
  }
  return null;
}

/** @param {Map<string, any>} extraData */
function created(extraData) {
  return { create_time: extraData.get("create_time") };
}

/** @param {string} id @param {Map<string, any>} item @param {boolean} detailed */
function pastJob(id, item, detailed) {
  const [priority, , prompt, extraData] = item.get("prompt");
  const status = item.get("status");
  const messages = new Map(/** @type {[string, any][]} */ (status?.messages ?? []));
  const end = ["execution_success", "execution_error", "execution_interrupted"].find((name) => messages.has(name));
  const failed = messages.has("execution_interrupted") ? "cancelled" : "failed";
  const files = [...item.get("outputs")].flatMap(([nodeId, output]) =>
    Object.entries(output)
      .filter(([, list]) => Array.isArray(list))
      .flatMap(([mediaType, list]) =>
        list
          .filter((/** @type {any} */ file) => file && typeof file === "object")
          .map((/** @type {any} */ file) => ({ ...file, nodeId, mediaType })),
      ),
  );
  const job = {
    id,
    status: status?.status_str === "error" ? failed : "completed",
    priority,
    ...created(extraData),
    execution_start_time: messages.get("execution_start")?.timestamp,
    execution_end_time: end && messages.get(end)?.timestamp,
    execution_error: messages.get("execution_error"),
    outputs_count: files.length,
    previewable_outputs_count: files.filter((file) => PREVIEWABLE.includes(file.mediaType)).length,
    preview_output: files.find((file) => file.type === "output") ?? files[0],
  };
  if (!detailed) return job;
  const workflow = { prompt, extra_data: extraData };
  return { ...job, outputs: item.get("outputs"), execution_status: status, workflow };
}

/** Newest first. @param {Request} request @param {Simulator} sim */
export function getJobs({ query }, sim) {
  const { queue } = sim.process;
  const wrong = (/** @type {string} */ error) => json({ error }, 400);
  const states = (query.get("status") ?? "").split(",").filter(Boolean);
  const unknown = states.filter((state) => !STATES.includes(state));
  if (unknown.length > 0) {
    return wrong(`Invalid status value(s): ${unknown.join(", ")}. Valid values: ${STATES.join(", ")}`);
  }
  const limit = query.has("limit") ? Number(query.get("limit")) : null;
  if (limit !== null && !Number.isInteger(limit)) return wrong("limit must be an integer");
  if (limit !== null && limit <= 0) return wrong("limit must be a positive integer");
  const offset = Math.max(0, Number(query.get("offset") ?? 0));
  if (!Number.isInteger(offset)) return wrong("offset must be an integer");
  const order = query.get("sort_order") ?? "desc";
  if (!["asc", "desc"].includes(order)) return wrong("sort_order must be 'asc' or 'desc'");

  const ids = [...queue.history.keys(), ...[...queue.running, ...queue.pending].map((item) => item.promptId)];
  const all = ids.map((id) => /** @type {any} */ (describeJob(id, queue, false)));
  const wanted = states.length > 0 ? all.filter((job) => states.includes(job.status)) : all;
  if (order === "desc") wanted.reverse();
  const jobs = wanted.slice(offset, limit === null ? undefined : offset + limit);
  const has_more = offset + jobs.length < wanted.length;
  return json({ jobs, pagination: { offset, limit, total: wanted.length, has_more } });
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
  const ids = request.jsonObject().get("job_ids");
  if (!Array.isArray(ids)) return json({ error: "job_ids must be a list" }, 400);
  const wrong = ids.filter((id) => typeof id !== "string" || !UUID.test(id));
  if (wrong.length > 0) return json({ error: "job_ids contains invalid id(s)", invalid_ids: wrong.map(String) }, 400);
  const done = ids.map((id) => sim.process.interrupt(id) || sim.process.queue.delete(id));
  return json({ cancelled: done.includes(true) });
}

// @ts-check
// Routes of Comfy Cloud; paths, fields and states come from its published API description.
import { createHash } from "node:crypto";
import { getView as findFile, uploadImage as keepImage, uploadMask as keepMask } from "../routes/files.js";
import { empty, json } from "../http/response.js";
import { describeJob } from "../routes/jobs.js";
import { submit } from "../routes/prompts.js";
import { tuple } from "../server/prompt-queue.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 * @typedef {import("./cloud.js").Cloud} Cloud
 */

/** @param {number} status @param {string} code @param {string} message */
export function failure(status, code, message) {
  return json({ code, message }, status);
}

/** @param {Simulator} sim @returns {Cloud} */
function cloudOf(sim) {
  return /** @type {Cloud} */ (sim.cloud);
}

/** Whether the requesting account submitted the prompt. @param {Request} request @param {Simulator} sim @param {string} promptId */
function owns(request, sim, promptId) {
  return cloudOf(sim).owner(promptId) === request.account;
}

/** @param {Request} request @param {Simulator} sim */
export function postPrompt(request, sim) {
  const cloud = cloudOf(sim);
  const account = cloud.accounts.get(request.account ?? "");
  if (!account) return failure(401, "unauthorized", "The API key is missing or not valid");
  if (account.subscribed === false) return failure(429, "subscription_inactive", "The subscription is not active");
  if (account.credits !== undefined && account.credits <= 0) {
    return failure(402, "insufficient_credits", "There are no credits left");
  }
  const data = request.jsonObject();
  for (const ignored of ["number", "front"]) data.delete(ignored);
  const answer = submit(data, sim);
  if (answer.status !== 200) return answer;
  if (account.credits !== undefined) account.credits -= 1;
  const promptId = JSON.parse(String(answer.body)).prompt_id;
  cloud.owners.set(promptId, request.account ?? "");
  sim.process.sockets.send({ type: "notification", data: { value: "Waiting for a machine" }, promptId }, null);
  return answer;
}

/** @param {Request} request @param {Simulator} sim */
export function getQueue(request, sim) {
  const { running, pending } = sim.process.queue;
  const own = (/** @type {import("../server/prompt-queue.js").QueueItem} */ { promptId }) => owns(request, sim, promptId);
  return json({ queue_running: running.filter(own).map(tuple), queue_pending: pending.filter(own).map(tuple) });
}

/** @param {Request} request @param {Simulator} sim */
export function postQueue(request, sim) {
  for (const id of request.jsonObject().get("delete") ?? []) if (owns(request, sim, id)) sim.process.queue.delete(id);
  return empty(200);
}

/** Interrupts one prompt, or all running prompts of the account. @param {Request} request @param {Simulator} sim */
export function postInterrupt(request, sim) {
  const wanted = request.body.length > 0 ? request.jsonObject().get("prompt_id") : undefined;
  for (const id of [...sim.process.executions.keys()]) {
    if (owns(request, sim, id) && (wanted ?? id) === id) sim.process.interrupt(id);
  }
  return empty(200);
}

/** @param {Request} request @param {Simulator} sim */
export function cancelJob(request, sim) {
  const id = request.params.job_id;
  const cancelled = owns(request, sim, id) && (sim.process.interrupt(id) || sim.process.queue.delete(id));
  return json({ cancelled });
}

const STATES = /** @type {Record<string, string>} */ ({ failed: "error" });

/** @param {Request} request @param {Simulator} sim */
export function getJobStatus(request, sim) {
  const id = request.params.job_id;
  const job = owns(request, sim, id) ? /** @type {any} */ (describeJob(id, sim.process.queue, true)) : null;
  if (!job) return failure(404, "not_found", "There is no such job");
  const at = (/** @type {number} */ ms) => new Date(ms).toISOString();
  const latest = job.execution_end_time ?? job.execution_start_time ?? job.create_time;
  return json({
    id,
    status: STATES[job.status] ?? job.status,
    created_at: at(job.create_time),
    updated_at: at(latest),
    last_state_update: at(latest),
    assigned_inference: job.status === "pending" ? null : "simulator",
    error_message: job.execution_error?.exception_message ?? null,
  });
}

/** @param {Request} request @param {Simulator} sim */
export function getJob(request, sim) {
  const id = request.params.job_id;
  const job = owns(request, sim, id) ? /** @type {any} */ (describeJob(id, sim.process.queue, true)) : null;
  if (!job) return failure(404, "not_found", "There is no such job");
  const meta = sim.process.queue.history.get(id)?.get("meta");
  return json({ ...job, update_time: job.execution_end_time ?? job.create_time, execution_meta: meta });
}

/** `prompt` is an object here; on a local server it is a list. @param {Request} request @param {Simulator} sim */
export function getHistory(request, sim) {
  const id = request.params.prompt_id;
  const item = owns(request, sim, id) ? sim.process.queue.history.get(id) : undefined;
  if (!item) return failure(404, "not_found", "There is no such prompt");
  const [priority, promptId, prompt, extra_data, outputs_to_execute] = item.get("prompt");
  const entry = new Map(item);
  entry.set("prompt", { priority, prompt_id: promptId, prompt, extra_data, outputs_to_execute });
  return json({ [id]: entry });
}

/** @param {Request} request @param {Simulator} sim */
export function getView(request, sim) {
  const found = findFile(request, sim);
  if (found.status !== 200) return failure(404, "not_found", "There is no such file");
  const location = cloudOf(sim).sign(/** @type {Uint8Array} */ (found.body), found.headers["Content-Type"]);
  return { status: 302, headers: { Location: location }, body: "" };
}

/** Files are named by their hash, whatever name and folder were sent. @param {Request} request @param {any} sim */
export function uploadImage(request, sim) {
  return upload(request, sim, keepImage);
}

/** @param {Request} request @param {any} sim */
export function uploadMask(request, sim) {
  return upload(request, sim, keepMask);
}

/** @param {Request} request @param {Simulator} sim @param {(request: Request, sim: Simulator) => any} keep */
function upload(request, sim, keep) {
  const form = request.form();
  const image = form.get("image");
  if (!image?.filename) return failure(400, "bad_request", "There is no image");
  const extension = /\.\w+$/.exec(image.filename)?.[0] ?? "";
  const name = createHash("sha256").update(image.bytes).digest("hex") + extension;
  for (const ignored of ["subfolder", "overwrite"]) form.delete(ignored);
  form.set("image", { ...image, filename: name });
  request.form = () => form;
  return keep(request, sim);
}

/** @param {Request} request */
export function getUser(request) {
  return json({ status: "active", id: `user of ${request.account?.slice(0, 4)}` });
}

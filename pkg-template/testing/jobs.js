// @ts-check
// A prompt as `/api/jobs` tells it (0.6.0 and later).
import { tuple } from "./queue.js";

const PREVIEWABLE = ["images", "video", "audio", "3d", "text"];

/**
 * @param {string} id @param {import("./queue.js").PromptQueue} queue
 * @param {boolean} detailed with outputs and workflow
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
    const [priority, , prompt, extraData] = tuple(item);
    const job = { id, status, priority, ...created(item.extraData), outputs_count: 0, previewable_outputs_count: 0 };
    return detailed ? { ...job, workflow: { prompt, extra_data: extraData } } : job;
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

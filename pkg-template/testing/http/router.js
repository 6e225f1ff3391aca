// @ts-check
// Matches requests to route handlers. Every route exists bare and under `/api`; the jobs routes only under `/api`.
import { HttpError } from "./response.js";
import * as cloud from "../cloud/cloud-routes.js";
import * as files from "../routes/files.js";
import * as history from "../routes/history.js";
import * as jobs from "../routes/jobs.js";
import * as models from "../routes/models.js";
import * as prompts from "../routes/prompts.js";
import * as system from "../routes/system.js";

/** @typedef {(request: import("./request.js").Request, sim: any) => any} Handler */

/** @type {[string, Handler, ("new" | "api")[]?][]} */
const LOCAL = [
  ["POST /prompt", prompts.postPrompt],
  ["GET /prompt", prompts.getPrompt],
  ["GET /queue", prompts.getQueue],
  ["POST /queue", prompts.postQueue],
  ["POST /interrupt", prompts.postInterrupt],
  ["GET /history", history.getHistory],
  ["POST /history", history.postHistory],
  ["GET /history/{prompt_id}", history.getHistoryItem],
  ["GET /jobs", jobs.getJobs, ["new", "api"]],
  ["POST /jobs/cancel", jobs.cancelJobs, ["new", "api"]],
  ["GET /jobs/{job_id}", jobs.getJob, ["new", "api"]],
  ["POST /jobs/{job_id}/cancel", jobs.cancelJob, ["new", "api"]],
  ["GET /view", files.getView],
  ["POST /upload/image", files.uploadImage],
  ["POST /upload/mask", files.uploadMask],
  ["GET /object_info", models.getObjectInfo],
  ["GET /object_info/{node_class}", models.getObjectInfo],
  ["GET /models", models.getModelFolders],
  ["GET /models/{folder}", models.getModels],
  ["GET /experiment/models", models.getModelFoldersWithPaths],
  ["GET /experiment/models/{folder}", models.getModelFiles],
  ["GET /embeddings", models.getEmbeddings],
  ["GET /view_metadata/{folder}", models.getModelMetadata],
  ["GET /features", system.getFeatures],
  ["GET /system_stats", system.getSystemStats],
  ["GET /internal/logs", system.getLogs],
  ["GET /internal/logs/raw", system.getRawLogs],
  ["GET /userdata", system.getUserData],
  ["GET /users", system.getUsers],
  ["GET /settings", system.getSettings],
  ["GET /extensions", system.getExtensions],
  ["POST /free", system.postFree],
  ["GET /", system.getRoot],
];

/** @type {typeof LOCAL} */
const CLOUD = [
  ["POST /prompt", cloud.postPrompt, ["api"]],
  ["GET /prompt", prompts.getPrompt, ["api"]],
  ["GET /queue", cloud.getQueue, ["api"]],
  ["POST /queue", cloud.postQueue, ["api"]],
  ["POST /interrupt", cloud.postInterrupt, ["api"]],
  ["GET /job/{job_id}/status", cloud.getJobStatus, ["api"]],
  ["GET /jobs/{job_id}", cloud.getJob, ["api"]],
  ["POST /jobs/{job_id}/cancel", cloud.cancelJob, ["api"]],
  ["GET /history_v2/{prompt_id}", cloud.getHistory, ["api"]],
  ["GET /view", cloud.getView, ["api"]],
  ["POST /upload/image", cloud.uploadImage, ["api"]],
  ["POST /upload/mask", cloud.uploadMask, ["api"]],
  ["GET /object_info", models.getObjectInfo, ["api"]],
  ["GET /object_info/{node_class}", models.getObjectInfo, ["api"]],
  ["GET /features", system.getFeatures, ["api"]],
  ["GET /system_stats", system.getSystemStats, ["api"]],
  ["GET /user", cloud.getUser, ["api"]],
];

/**
 * Finds the handler and stores the matched route in the request.
 * @param {import("./request.js").Request} request
 * @param {any} sim
 * @returns {Handler | null}
 */
export function matchRoute(request, sim) {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const parts = request.path.split("/");
  let otherMethod = false;
  for (const [route, handler, only = []] of sim.cloud ? CLOUD : LOCAL) {
    if (only.includes("new") && sim.version === "old") continue;
    if (only.includes("api") && !request.fullPath?.startsWith("/api/")) continue;
    const [verb, pattern] = route.split(" ");
    const params = match(pattern.split("/"), parts);
    if (!params) continue;
    if (verb !== method) {
      otherMethod = true;
      continue;
    }
    request.route = route;
    request.params = params;
    return handler;
  }
  if (sim.cloud) return () => cloud.failure(404, "not_found", "There is no such route");
  // ComfyUI mounts static files at the root for GET only, so an unknown POST gets 405 and not 404.
  if (!otherMethod && method === "GET") return null;
  return () => {
    throw new HttpError(405, "405: Method Not Allowed", { Allow: "GET,HEAD" });
  };
}

/** @param {string[]} pattern @param {string[]} parts @returns {Record<string, string> | null} */
function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [index, piece] of pattern.entries()) {
    if (piece.startsWith("{")) params[piece.slice(1, -1)] = decode(parts[index]);
    else if (piece !== parts[index]) return null;
  }
  return params;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

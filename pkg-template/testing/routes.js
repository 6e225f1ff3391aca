// @ts-check
// Which route a request meant. Every route exists bare and under `/api`, the jobs routes only under `/api`.
import { Raised } from "./http.js";
import * as cloud from "./cloud-routes.js";
import * as local from "./local-routes.js";

/** @typedef {(request: import("./http.js").Request, sim: any) => any} Handler */

/** @type {[string, Handler, ("new" | "api")[]?][]} */
const LOCAL = [
  ["POST /prompt", local.postPrompt],
  ["GET /prompt", local.getPrompt],
  ["GET /queue", local.getQueue],
  ["POST /queue", local.postQueue],
  ["POST /interrupt", local.postInterrupt],
  ["GET /history", local.getHistory],
  ["POST /history", local.postHistory],
  ["GET /history/{prompt_id}", local.getHistoryItem],
  ["GET /jobs", local.getJobs, ["new", "api"]],
  ["POST /jobs/cancel", local.cancelJobs, ["new", "api"]],
  ["GET /jobs/{job_id}", local.getJob, ["new", "api"]],
  ["POST /jobs/{job_id}/cancel", local.cancelJob, ["new", "api"]],
  ["GET /view", local.getView],
  ["POST /upload/image", local.uploadImage],
  ["POST /upload/mask", local.uploadMask],
  ["GET /object_info", local.getObjectInfo],
  ["GET /object_info/{node_class}", local.getObjectInfo],
  ["GET /features", local.getFeatures],
  ["GET /system_stats", local.getSystemStats],
  ["GET /embeddings", local.getEmbeddings],
  ["GET /models/{folder}", local.getModels],
  ["POST /free", local.postFree],
  ["GET /", local.getRoot],
];

/** @type {typeof LOCAL} */
const CLOUD = [
  ["POST /prompt", cloud.postPrompt, ["api"]],
  ["GET /prompt", local.getPrompt, ["api"]],
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
  ["GET /object_info", local.getObjectInfo, ["api"]],
  ["GET /object_info/{node_class}", local.getObjectInfo, ["api"]],
  ["GET /features", local.getFeatures, ["api"]],
  ["GET /system_stats", local.getSystemStats, ["api"]],
  ["GET /user", cloud.getUser, ["api"]],
];

/**
 * Finds the route, noting it in the request.
 * @param {import("./http.js").Request} request
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
  // The static files are mounted at the root for GET alone, so any other unknown POST meets them: 405, not 404.
  if (!otherMethod && method === "GET") return null;
  return () => {
    throw new Raised(405, "405: Method Not Allowed", { Allow: "GET,HEAD" });
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

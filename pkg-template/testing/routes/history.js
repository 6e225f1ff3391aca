// @ts-check
// The history.
import { empty, json } from "../http/response.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

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
  const data = request.jsonObject();
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

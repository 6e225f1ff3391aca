// @ts-check
// Storage of the extension: settings and workflow on disk, jobs of this browser session in memory.

/** @typedef {{ serverUrl: string, apiKey: string, idleTimeoutS: number }} Settings */
/** @typedef {{ name: string, prompt: Record<string, any>, workflow: any, node: string, input: string }} StoredWorkflow */
/**
 * @typedef {object} Job one picture on its way
 * @property {string} id
 * @property {string} name of the picture
 * @property {"reading" | "sending" | "queued" | "running" | "completed" | "failed" | "cancelled"} state
 * @property {number} progress 0–1
 * @property {string} detail
 * @property {string} [preview] a data: URL
 * @property {string} [promptId]
 * @property {string} [clientId]
 * @property {string} [serverUrl]
 * @property {string} [apiKey] that the run was submitted with; in memory only, as all of a job
 * @property {number} startedAt Unix time in milliseconds
 */

/** @type {Settings} */
const DEFAULTS = { serverUrl: "http://127.0.0.1:8188", apiKey: "", idleTimeoutS: 5 };
const JOB = "job:";

/** @returns {Promise<Settings>} */
export async function settings() {
  return { ...DEFAULTS, .../** @type {any} */ (await chrome.storage.local.get("settings")).settings };
}

/** @param {Settings} changed */
export function saveSettings(changed) {
  return chrome.storage.local.set({ settings: changed });
}

/** @returns {Promise<StoredWorkflow | undefined>} */
export async function workflow() {
  return /** @type {any} */ (await chrome.storage.local.get("workflow")).workflow;
}

/** @param {StoredWorkflow} chosen */
export function saveWorkflow(chosen) {
  return chrome.storage.local.set({ workflow: chosen });
}

/** @returns {Promise<Job[]>} the latest first */
export async function jobs() {
  /** @type {Record<string, any>} */
  const all = await chrome.storage.session.get(null);
  return Object.keys(all)
    .filter((key) => key.startsWith(JOB))
    .map((key) => all[key])
    .sort((a, b) => b.startedAt - a.startedAt);
}

/** @param {string} id @returns {Promise<Job | undefined>} */
export async function job(id) {
  return /** @type {any} */ (await chrome.storage.session.get(JOB + id))[JOB + id];
}

/** @param {Job} changed */
export function saveJob(changed) {
  return chrome.storage.session.set({ [JOB + changed.id]: changed });
}

/** @param {() => void} listener */
export function onJobs(listener) {
  chrome.storage.session.onChanged.addListener(listener);
}

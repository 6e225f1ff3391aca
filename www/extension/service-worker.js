// @ts-check
// The service worker: handles clicks and run events. The browser can end it at any time, so it keeps its state in storage;
// the offscreen document continues the runs.
import { allowServer, createOffscreenClient } from "comfyui-autoflow/extension";
import { Badge } from "./badge.js";
import { nameOf, readPicture } from "./picture.js";
import { jobs, saveJob, settings, workflow } from "./stored.js";

/** @typedef {import("./stored.js").Job} Job */

const MENU = "through-comfyui";
const ALARM = "look after the runs";
/** Progress and previews are stored no more often than this, the latest ones. */
const PROGRESS_MS = 150;
/** Events that come many times a second. */
const STEPS = ["preview", "progress", "progress_state"];
const SEEDS = ["seed", "noise_seed"];
const ON_THE_WAY = ["reading", "sending"];

const client = createOffscreenClient();
const badge = new Badge();
/** @type {Map<string, Job>} */
const byPrompt = new Map();
/** When a job was stored last. @type {Map<string, number>} */
const storedAt = new Map();
/** Jobs whose progress waits to be stored. @type {Map<string, ReturnType<typeof setTimeout>>} */
const waiting = new Map();

chrome.runtime.onInstalled.addListener(async ({ reason }) => {
  chrome.contextMenus.create({ id: MENU, title: "Send through ComfyUI", contexts: ["image"] });
  if (reason === "install") await chrome.runtime.openOptionsPage();
});
chrome.contextMenus.onClicked.addListener((info, tab) => {
  if (info.menuItemId !== MENU || !info.srcUrl || !tab?.id) return;
  // Before any await: a side panel opens only in response to a user gesture.
  chrome.sidePanel.open({ tabId: tab.id }).catch(() => undefined);
  send(info.srcUrl, { tabId: tab.id, frameId: info.frameId });
});
chrome.action.onClicked.addListener((tab) => chrome.sidePanel.open({ windowId: tab.windowId }));
chrome.alarms.onAlarm.addListener(() => lookAfter());
chrome.runtime.onMessage.addListener((message) => {
  if (message?.to === "through-comfyui" && message.kind === "cancel") client.cancel(message.promptId).catch(() => undefined);
});

client.onEvent(async (event, run) => {
  const known = await jobOf(run.promptId);
  if (!known || known.state === "cancelled") return;
  if (event.type === "preview") known.preview = event.data.image;
  if (event.type === "queue") known.detail = (event.data.position ?? 0) > 1 ? `number ${event.data.position} in the queue` : "next in the queue";
  if (["execution_start", "executing", "progress"].includes(event.type)) known.state = "running";
  if (known.state === "running") known.detail = `${event.nodes_done.length} of ${event.nodes_total.length} nodes`;
  known.progress = event.nodes_progress;
  if (STEPS.includes(event.type)) storeSoon(known);
  else await store(known);
});

/** Stores a job at once. @param {Job} changed */
async function store(changed) {
  clearTimeout(waiting.get(changed.id));
  waiting.delete(changed.id);
  storedAt.set(changed.id, Date.now());
  await saveJob(changed);
  badge.show(await jobs());
}

/** Stores a job once PROGRESS_MS have passed since the last time. Every event until then is included. @param {Job} changed */
function storeSoon(changed) {
  if (waiting.has(changed.id)) return;
  const passed = Date.now() - (storedAt.get(changed.id) ?? 0);
  waiting.set(changed.id, setTimeout(() => store(changed), Math.max(0, PROGRESS_MS - passed)));
}

client.onEnd(async (run, error) => {
  const known = await jobOf(run.promptId);
  byPrompt.delete(run.promptId);
  if (!known) return;
  const cancelled = /** @type {any} */ (error)?.code === "interrupted";
  known.state = error ? (cancelled ? "cancelled" : "failed") : "completed";
  known.detail = error && !cancelled ? error.message : "";
  if (!error) known.progress = 1;
  await store(known);
  storedAt.delete(known.id);
  if (!error) await chrome.tabs.create({ url: `result.html?job=${known.id}` });
});

/** @param {string} promptId */
async function jobOf(promptId) {
  const known = byPrompt.get(promptId) ?? (await jobs()).find((one) => one.promptId === promptId || one.id === promptId);
  if (known) byPrompt.set(promptId, known);
  return known;
}

/** @param {string} url of the picture @param {{ tabId: number, frameId?: number }} place where it was clicked on */
async function send(url, place) {
  /** @type {Job} */
  const sent = {
    id: crypto.randomUUID(),
    name: "picture",
    state: "reading",
    progress: 0,
    detail: "",
    startedAt: Date.now(),
  };
  const change = async (/** @type {Partial<Job>} */ changes) => {
    await saveJob(Object.assign(sent, changes));
    badge.show(await jobs());
  };
  await change({});
  // The job id is the prompt id too, so that events that arrive before the answer find the job.
  byPrompt.set(sent.id, sent);
  try {
    const chosen = await workflow();
    if (!chosen) {
      await chrome.runtime.openOptionsPage();
      throw new Error("Choose a workflow first: the settings are open.");
    }
    const picture = await readPicture(url, place);
    await change({ name: nameOf(url, picture.type), state: "sending" });
    const { serverUrl, apiKey, idleTimeoutS } = await settings();
    await change({ serverUrl, apiKey });
    await allowServer(serverUrl);
    const server = { serverUrl, ...(apiKey ? { apiKey } : {}) };
    const { value } = await client.upload(picture, { ...server, name: sent.name });
    const options = { ...server, promptId: sent.id, idleTimeoutMs: idleTimeoutS * 1000, pollQueue: true, previews: true };
    const run = await client.submit(patched(chosen, value), {
      ...options,
      ...(chosen.workflow ? { extraData: { extra_pnginfo: { workflow: chosen.workflow } } } : {}),
    });
    await chrome.alarms.create(ALARM, { periodInMinutes: 0.5 });
    byPrompt.set(run.promptId, sent);
    const { promptId, clientId } = run;
    await change({ promptId, clientId, state: sent.state === "sending" ? "queued" : sent.state });
  } catch (error) {
    await change({ state: "failed", detail: error instanceof Error ? error.message : String(error) });
  }
}

/** The prompt with the uploaded picture and new seeds. @param {import("./stored.js").StoredWorkflow} chosen @param {import("comfyui-autoflow").Upload["value"]} value */
function patched({ prompt, node, input }, value) {
  const changed = structuredClone(prompt);
  changed[node].inputs[input] = value;
  for (const { inputs } of Object.values(changed)) {
    for (const name of SEEDS) if (typeof inputs[name] === "number") inputs[name] = Math.floor(Math.random() * 2 ** 48);
  }
  return changed;
}

/** Resumes runs of an earlier worker or offscreen document. */
async function lookAfter() {
  const runs = await client.resume();
  if (!runs.length) await chrome.alarms.clear(ALARM);
  badge.show(await jobs());
}

/** Fails jobs that an earlier worker had not submitted when it was ended. */
async function giveUpHalfSent() {
  for (const one of await jobs()) {
    if (ON_THE_WAY.includes(one.state)) await saveJob({ ...one, state: "failed", detail: "The browser stopped this before it was sent. Try again." });
  }
}

giveUpHalfSent();
lookAfter();

// @ts-check
// Hears clicks and events. It keeps nothing in memory that it cannot lose: the browser ends it whenever it likes, and the
// offscreen document goes on with the runs.
import { allowServer, createOffscreenClient } from "comfyui-autoflow/extension";
import { Badge } from "./badge.js";
import { nameOf, readPicture } from "./picture.js";
import { jobs, saveJob, settings, workflow } from "./stored.js";

/** @typedef {import("./stored.js").Job} Job */

const MENU = "through-comfyui";
const ALARM = "look after the runs";
/** Progress is stored and drawn no more often than this. */
const PROGRESS_MS = 150;
const SEEDS = ["seed", "noise_seed"];
const ON_THE_WAY = ["reading", "sending"];

const client = createOffscreenClient();
const badge = new Badge();
/** @type {Map<string, Job>} */
const byPrompt = new Map();
/** When a job's progress was stored last. @type {Map<string, number>} */
const storedAt = new Map();

chrome.runtime.onInstalled.addListener(async ({ reason }) => {
  chrome.contextMenus.create({ id: MENU, title: "Send through ComfyUI", contexts: ["image"] });
  if (reason === "install") await chrome.runtime.openOptionsPage();
});
chrome.contextMenus.onClicked.addListener((info, tab) => {
  if (info.menuItemId !== MENU || !info.srcUrl || !tab?.id) return;
  // First: it may be opened in answer to a click only, before anything is awaited.
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
  const steps = event.type === "preview" || event.type === "progress" || event.type === "progress_state";
  const now = Date.now();
  if (steps && now - (storedAt.get(known.id) ?? 0) < PROGRESS_MS) return;
  storedAt.set(known.id, now);
  if (event.type === "preview") known.preview = event.data.image;
  if (event.type === "queue") known.detail = (event.data.position ?? 0) > 1 ? `number ${event.data.position} in the queue` : "next in the queue";
  if (["execution_start", "executing", "progress"].includes(event.type)) known.state = "running";
  if (known.state === "running") known.detail = `${event.nodes_done.length} of ${event.nodes_total.length} nodes`;
  known.progress = event.nodes_progress;
  await saveJob(known);
  badge.show(await jobs());
});

client.onEnd(async (run, error) => {
  const known = await jobOf(run.promptId);
  byPrompt.delete(run.promptId);
  if (!known) return;
  const cancelled = /** @type {any} */ (error)?.code === "interrupted";
  known.state = error ? (cancelled ? "cancelled" : "failed") : "completed";
  known.detail = error && !cancelled ? error.message : "";
  if (!error) known.progress = 1;
  await saveJob(known);
  badge.show(await jobs());
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
  // Its id is that of the prompt too, so that events which come before the answer find it.
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
    await change({ promptId, clientId, serverUrl, state: sent.state === "sending" ? "queued" : sent.state });
  } catch (error) {
    await change({ state: "failed", detail: error instanceof Error ? error.message : String(error) });
  }
}

/** The prompt with the picture in its place, and new seeds. @param {import("./stored.js").StoredWorkflow} chosen @param {import("comfyui-autoflow").Upload["value"]} value */
function patched({ prompt, node, input }, value) {
  const changed = structuredClone(prompt);
  changed[node].inputs[input] = value;
  for (const { inputs } of Object.values(changed)) {
    for (const name of SEEDS) if (typeof inputs[name] === "number") inputs[name] = Math.floor(Math.random() * 2 ** 48);
  }
  return changed;
}

/** Goes on with what an earlier worker, or an earlier offscreen document, began. */
async function lookAfter() {
  const runs = await client.resume();
  if (!runs.length) await chrome.alarms.clear(ALARM);
  badge.show(await jobs());
}

/** What an earlier worker had not handed over when it was ended cannot be gone on with. */
async function giveUpHalfSent() {
  for (const one of await jobs()) {
    if (ON_THE_WAY.includes(one.state)) await saveJob({ ...one, state: "failed", detail: "The browser stopped this before it was sent. Try again." });
  }
}

giveUpHalfSent();
lookAfter();

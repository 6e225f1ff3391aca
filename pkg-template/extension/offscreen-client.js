// @ts-check
// Client side (service worker, popup, side panel): opens the offscreen document when needed, sends it requests and receives
// its events. Runs are kept in chrome.storage.session, so that a restarted worker or a new offscreen document can resume
// them.
import { chrome, part } from "./chrome.js";
import { TO_CLIENTS, TO_OFFSCREEN, toDataUrl, unpack } from "./messages.js";

const STORED = "comfyui-autoflow:run:";
const JUSTIFICATION = "Follows runs of ComfyUI over a WebSocket and turns their previews, which are Blobs, into URLs.";

/** @param {{ url?: string }} [options] */
export function createOffscreenClient({ url = "offscreen.html" } = {}) {
  const { runtime } = chrome();
  /** @type {Set<(event: any, run: any) => void>} */
  const onEvent = new Set();
  /** @type {Set<(run: any, error: Error | null) => void>} */
  const onEnd = new Set();
  /** Runs whose end was reported: a run picked up while it ends reports twice. @type {Set<string>} */
  const ended = new Set();
  /** @type {Promise<void> | undefined} */
  let opening;

  // Registered synchronously: a message that starts a worker is delivered only to listeners added at start-up.
  runtime.onMessage.addListener((/** @type {any} */ message, /** @type {any} */ sender) => {
    if (message?.to !== TO_CLIENTS || sender.id !== runtime.id) return;
    if (message.kind === "event") tell(onEvent, message.event, message.run);
    if (message.kind === "end" && !ended.has(message.run.promptId)) {
      ended.add(message.run.promptId);
      forget(message.run.promptId);
      tell(onEnd, message.run, message.error ? unpack(message.error) : null);
    }
  });

  async function isOpen() {
    const contexts = await runtime.getContexts({
      contextTypes: ["OFFSCREEN_DOCUMENT"],
      documentUrls: [runtime.getURL(url)],
    });
    return contexts.length > 0;
  }

  async function open() {
    if (await isOpen()) return;
    const offscreen = part("offscreen", "offscreen");
    opening ??= offscreen
      .createDocument({ url, reasons: ["BLOBS"], justification: JUSTIFICATION })
      .catch(async (/** @type {Error} */ error) => {
        // Another page of the extension opened it first.
        if (!(await isOpen())) throw error;
      })
      .finally(() => (opening = undefined));
    await opening;
  }

  /** @param {string} kind @param {Record<string, unknown>} [rest] */
  async function ask(kind, rest) {
    await open();
    const answer = await runtime.sendMessage({ to: TO_OFFSCREEN, kind, ...rest });
    if (!answer) throw new Error(`${url} does not answer: it must call serveOffscreen() when it is loaded.`);
    if (answer.error) throw unpack(answer.error);
    return answer.value;
  }

  return {
    /** @param {unknown} prompt @param {Record<string, any>} options */
    async submit(prompt, options) {
      const run = await ask("submit", { prompt, options: plain(options) });
      await remember(run, options);
      return run;
    },
    /** @param {Record<string, any>} run @param {Record<string, any>} [options] */
    async follow(run, options = {}) {
      const followed = await ask("follow", { run, options: plain(options) });
      await remember(followed, { ...run, ...options });
      return followed;
    },
    async resume() {
      const stored = await storedRuns();
      for (const { run, options } of stored) await ask("follow", { run, options });
      return stored.map(({ run }) => run);
    },
    async runs() {
      return (await isOpen()) ? ask("runs") : [];
    },
    /** @param {string} promptId */
    cancel: (promptId) => ask("cancel", { promptId }),
    /** @param {string} promptId */
    files: (promptId) => ask("files", { promptId }),
    /** @param {Blob} file @param {Record<string, any>} options */
    upload: async (file, options) => ask("upload", { file: await toDataUrl(file), options: plain(options) }),
    /** @param {(event: any, run: any) => void} listener */
    onEvent: (listener) => subscribe(onEvent, listener),
    /** @param {(run: any, error: Error | null) => void} listener */
    onEnd: (listener) => subscribe(onEnd, listener),
    async close() {
      if (await isOpen()) await part("offscreen", "offscreen").closeDocument();
    },
  };
}

/** @template {(...args: any[]) => void} F @param {Set<F>} listeners @param {F} listener */
function subscribe(listeners, listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** @param {Set<(...args: any[]) => void>} listeners @param {unknown[]} args */
function tell(listeners, ...args) {
  for (const listener of listeners) {
    try {
      listener(...args);
    } catch (error) {
      // A failing listener does not stop the others.
      console.error(error);
    }
  }
}

/** Refuses functions, which messages would drop silently. @param {Record<string, any>} options */
function plain(options) {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (typeof value === "function" || name === "signal") {
      throw new TypeError(`${name} cannot be sent to the offscreen document. Use onEvent(), onEnd() and cancel() of the client.`);
    }
  }
  return options;
}

// Runs are stored in memory only, as options can contain keys.

/** @param {any} run @param {Record<string, any>} options */
function remember(run, { apiKey, headers, idleTimeoutMs, pollIntervalMs }) {
  const options = { apiKey, headers, idleTimeoutMs, pollIntervalMs };
  return part("storage", "storage").session.set({ [STORED + run.promptId]: { run, options } });
}

/** @param {string} promptId */
function forget(promptId) {
  return part("storage", "storage").session.remove(STORED + promptId);
}

/** @returns {Promise<{ run: any, options: any }[]>} */
async function storedRuns() {
  const all = await part("storage", "storage").session.get(null);
  return Object.keys(all)
    .filter((key) => key.startsWith(STORED))
    .map((key) => all[key]);
}

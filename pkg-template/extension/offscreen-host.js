// @ts-check
// The offscreen document: holds the sockets, which only a document can open without an Origin, and sends their events to
// the clients. It keeps running while the service worker sleeps; each message wakes the worker.
import { chrome } from "./chrome.js";
import { TO_CLIENTS, TO_OFFSCREEN, pack, toDataUrl } from "./messages.js";

/**
 * @typedef {Pick<typeof import("../index.js"), "submit" | "Submission" | "uploadImage">} Api
 * @typedef {{ promptId: string, clientId: string, serverUrl: string, number: number | null, nodeErrors: object }} RunNote
 * @typedef {{ note: RunNote, options: any, last: any, tellEnd?: () => void }} Held
 */

/** @param {Api} api the functions of `comfyui-autoflow` or of `comfyui-autoflow/slim` */
export function serveOffscreen({ submit, Submission, uploadImage }) {
  const { runtime } = chrome();
  /** @type {Map<string, Held>} */
  const held = new Map();
  /** Keeps messages in order, although previews are encoded asynchronously. */
  let sent = Promise.resolve();
  /** Previews that wait to be sent, by run and node. A newer image replaces one that waits. @type {Map<string, { image: Blob }>} */
  const previews = new Map();

  /** @param {() => unknown} make */
  function send(make) {
    sent = sent
      .then(async () => runtime.sendMessage({ to: TO_CLIENTS, .../** @type {object} */ (await make()) }))
      // No client is listening.
      .catch(() => undefined);
  }

  /** @param {RunNote} run @param {any} event */
  function report(run, event) {
    if (event.type !== "preview") return send(() => ({ kind: "event", run, event }));
    const key = `${run.promptId} ${event.data.node_id}`;
    const waiting = previews.get(key);
    if (waiting) {
      waiting.image = event.data.image;
      return;
    }
    const preview = { image: event.data.image };
    previews.set(key, preview);
    send(async () => {
      previews.delete(key);
      return { kind: "event", run, event: { ...event, data: { ...event.data, image: await toDataUrl(preview.image) } } };
    });
  }

  /**
   * @param {Promise<unknown>} ending settles with the run
   * @param {Held} run
   */
  function watch(ending, run) {
    const end = (/** @type {unknown} */ error) => {
      run.tellEnd = () => send(() => ({ kind: "end", run: run.note, error: error ? pack(error) : null }));
      run.tellEnd();
    };
    ending.then(() => end(null), end);
  }

  /** @type {Record<string, (message: any) => unknown>} */
  const answers = {
    /** Answers once the server has accepted the prompt. */
    submit: ({ prompt, options }) =>
      new Promise((accept, refuse) => {
        /** @type {Held | undefined} */
        let run;
        const onEvent = (/** @type {import("../index.js").ComfyEvent} */ event) => {
          if (event.type === "submitted") {
            const { prompt_id: promptId, client_id: clientId } = event;
            run = { note: { promptId, clientId, serverUrl: String(options.serverUrl), number: null, nodeErrors: {} }, options, last: event };
            held.set(promptId, run);
            watch(ending, run);
            accept(run.note);
          }
          if (!run) return;
          run.last = event;
          report(run.note, event);
        };
        const ending = submit(prompt, { ...options, wait: true, onEvent });
        ending.catch((error) => !run && refuse(error));
      }),
    /** Follows a run that an earlier document, or another client, submitted. */
    follow: ({ run: { promptId, clientId, serverUrl }, options }) => {
      const known = held.get(promptId);
      // A client that asks for a finished run has missed its end.
      known?.tellEnd?.();
      if (known) return known.note;
      const submission = Submission.fromPromptId(promptId, { ...serverOf(options), serverUrl, clientId });
      /** @type {Held} */
      const run = { note: { promptId, clientId, serverUrl, number: null, nodeErrors: {} }, options, last: null };
      held.set(promptId, run);
      const { idleTimeoutMs, pollIntervalMs } = options;
      const onEvent = (/** @type {any} */ event) => report(run.note, (run.last = event));
      watch(submission.wait({ idleTimeoutMs, pollIntervalMs, onEvent }), run);
      return run.note;
    },
    runs: () => [...held.values()].map(({ note, last }) => ({ ...note, lastType: last?.type ?? null, progress: last?.nodes_progress ?? 0 })),
    cancel: ({ promptId }) => submissionOf(promptId).cancel(),
    files: async ({ promptId }) => {
      const submission = submissionOf(promptId);
      await submission.fetchHistory();
      return (await submission.fetchFiles()).map(({ filename, subfolder, type, kind, key, nodeId, mimeType, url }) => ({
        filename, subfolder, type, kind, key, nodeId, mimeType, url,
      }));
    },
    upload: async ({ file, options }) => uploadImage(await (await fetch(file)).blob(), options),
  };

  /** @param {string} promptId */
  function submissionOf(promptId) {
    const run = held.get(promptId);
    if (!run) throw new Error(`The offscreen document knows no run ${promptId}; follow() it first.`);
    const { serverUrl, clientId } = run.note;
    return Submission.fromPromptId(promptId, { ...serverOf(run.options), serverUrl, clientId });
  }

  runtime.onMessage.addListener((/** @type {any} */ message, /** @type {any} */ sender, /** @type {any} */ respond) => {
    if (message?.to !== TO_OFFSCREEN || sender.id !== runtime.id || !Object.hasOwn(answers, message.kind)) return undefined;
    (async () => answers[message.kind](message))().then(
      (value) => respond({ value }),
      (error) => respond({ error: pack(error) }),
    );
    // Keeps the channel open for the asynchronous answer.
    return true;
  });
}

/** @param {{ apiKey?: string, headers?: Record<string, string> }} options */
function serverOf({ apiKey, headers } = {}) {
  return { ...(apiKey ? { apiKey } : {}), ...(headers ? { headers } : {}) };
}

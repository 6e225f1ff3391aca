// @ts-check
// One run: its state, events, node states and results.
import { ComfyError, Submission } from "comfyui-autoflow";
import { EventLog } from "./event-log.js";
import { NodeStates } from "./node-states.js";
import { serverOptions } from "./settings.js";
import { about, duration, learn, timeLeft } from "./time-left.js";

/** @typedef {import("comfyui-autoflow").ComfyEvent} ComfyEvent */
/** @typedef {"submitting" | "queued" | "running" | "completed" | "error" | "interrupted" | "cancelled" | "refused"} RunState */
/** @typedef {{ kind: string, name: string, nodeId: string, blob?: Blob, text?: string, failed?: boolean }} Result */

let count = 0;

export class Run {
  number = (count += 1);
  /** @type {RunState} */
  state = "submitting";
  progress = 0;
  log = new EventLog();
  /** @type {Result[]} */
  results = [];
  /** @type {unknown} */
  error = null;
  /** What the server refused of it while it ran the rest. @type {import("comfyui-autoflow").NodeErrors} */
  nodeErrors = {};
  /** @type {string | null} */
  promptId = null;
  /** @type {string | null} */
  clientId = null;
  /** @type {ComfyEvent | null} */
  last = null;
  /** @type {{ position: number | null, pending: number } | null} */
  queue = null;
  /** Description of a connection problem, while there is one. */
  trouble = "";
  /** The latest preview. @type {ImageBitmap | undefined} */
  latest;
  seconds = 0;
  startedAt = new Date();
  #abort = new AbortController();
  /** @type {Map<string, Blob>} */
  #previews = new Map();
  /** @type {Set<string>} */
  #decoding = new Set();

  /**
   * @param {import("./flow.js").Flow} flow
   * @param {import("./settings.js").Settings} settings
   * @param {() => void} changed called after every change
   */
  constructor(flow, settings, changed) {
    this.flow = flow;
    this.settings = settings;
    this.changed = changed;
    this.states = new NodeStates(flow.ids);
  }

  get over() {
    return !["submitting", "queued", "running"].includes(this.state);
  }

  /** Submits the run and follows it to its end. Never rejects. */
  start() {
    const { api } = this.flow;
    return this.#follow(async (options) => {
      if (!api) throw new Error("This workflow cannot be run.");
      return api.submit({ ...options, wait: true, pollQueue: true });
    });
  }

  /** Follows a run that was submitted before the page was reloaded. @param {string} promptId @param {string} clientId */
  resume(promptId, clientId) {
    this.promptId = promptId;
    this.clientId = clientId;
    this.state = "queued";
    const server = serverOptions(this.settings);
    return this.#follow(({ onEvent, signal }) =>
      Submission.fromPromptId(promptId, { ...server, clientId }).wait({ onEvent, signal, pollQueue: true }),
    );
  }

  cancel() {
    this.#abort.abort(new DOMException("cancelled", "AbortError"));
  }

  /** @param {(options: any) => Promise<Submission>} begin */
  async #follow(begin) {
    const { idleTimeoutS, previews } = this.settings;
    try {
      const submission = await begin({
        ...serverOptions(this.settings),
        idleTimeoutMs: idleTimeoutS * 1000,
        previews,
        signal: this.#abort.signal,
        onEvent: (/** @type {ComfyEvent} */ event) => this.#take(event),
      });
      this.progress = 1;
      this.state = "completed";
      await this.#collect(submission);
    } catch (error) {
      await this.#fail(error);
    }
    this.trouble = "";
    this.states.stop();
    this.seconds ||= (Date.now() - this.startedAt.getTime()) / 1000;
    this.#learn();
    this.changed();
  }

  /** @param {unknown} error */
  async #fail(error) {
    if (this.#abort.signal.aborted) this.state = "cancelled";
    else {
      this.error = error;
      const code = error instanceof ComfyError ? error.code : "";
      if (code === "interrupted") this.state = "interrupted";
      else this.state = this.promptId ? "error" : "refused";
    }
    if (!this.promptId || this.state === "cancelled") return;
    // Outputs made before the failure are kept by the server.
    const server = serverOptions(this.settings);
    const submission = Submission.fromPromptId(this.promptId, { ...server, clientId: this.clientId ?? undefined });
    await submission.fetchHistory().then(() => this.#collect(submission)).catch(() => undefined);
  }

  /** @param {ComfyEvent} event */
  #take(event) {
    this.last = event;
    this.progress = event.nodes_progress;
    this.seconds = event.time_elapsed_s;
    this.states.take(event);
    this.log.add(event);
    switch (event.type) {
      case "submitted":
        this.promptId = event.prompt_id;
        this.clientId = event.client_id;
        this.state = "queued";
        break;
      case "refused":
        this.#refuse(event.data.node_errors);
        break;
      case "queue":
        this.queue = event.data;
        break;
      case "execution_start":
      case "executing":
      case "progress":
        this.state = "running";
        this.queue = null;
        break;
      case "connection":
        this.trouble = event.data.state === "open" ? "" : troubleOf(event.data);
        break;
      case "preview":
        this.#preview(event.data.display_node_id ?? event.data.node_id, event.data.image);
        break;
      case "progress_text":
        this.states.change(event.data.node_id, { text: event.data.text });
        break;
    }
    this.changed();
  }

  /** Decodes the latest preview of a node; previews that arrive while decoding replace each other. @param {string | null} id @param {Blob} blob */
  async #preview(id, blob) {
    const node = id ?? this.last?.node_current;
    if (!node) return;
    this.#previews.set(node, blob);
    if (this.#decoding.has(node)) return;
    this.#decoding.add(node);
    for (let next = this.#previews.get(node); next; next = this.#previews.get(node)) {
      this.#previews.delete(node);
      const picture = await createImageBitmap(next).catch(() => undefined);
      if (picture) {
        this.latest = picture;
        this.states.change(node, { picture });
      }
      this.changed();
    }
    this.#decoding.delete(node);
  }

  /** Marks the nodes that the server refused, and the outputs that depend on them. @param {import("comfyui-autoflow").NodeErrors | undefined} nodeErrors */
  #refuse(nodeErrors) {
    this.nodeErrors = nodeErrors ?? {};
    for (const [id, { dependent_outputs: outputs }] of Object.entries(this.nodeErrors)) {
      for (const refused of [id, ...(outputs ?? [])]) this.states.change(refused, { state: "refused" });
    }
  }

  /** Fetches the results. @param {Submission} submission */
  async #collect(submission) {
    const files = await submission.fetchFiles();
    await Promise.all(
      files.map(async (file, index) => {
        /** @type {Result} */
        const result = { kind: file.kind, name: file.filename, nodeId: file.nodeId };
        this.results[index] = result;
        try {
          if (file.url) result.blob = await file.blob();
          else result.text = await file.text();
        } catch {
          result.failed = true;
        }
        if (result.blob && file.kind === "text") result.text = await result.blob.text();
        if (result.blob && file.kind === "image") {
          const picture = await createImageBitmap(result.blob).catch(() => undefined);
          if (picture) this.states.change(file.nodeId, { picture });
        }
        this.changed();
      }),
    );
  }

  #learn() {
    for (const id of this.flow.ids) {
      const { state, seconds } = this.states.get(id);
      if (state === "done" && seconds !== undefined) learn(this.flow.prompt[id]?.class_type, seconds);
    }
  }

  /** The state as text. */
  describe() {
    switch (this.state) {
      case "submitting":
        return { title: "Submitting", detail: "" };
      case "queued":
        return { title: "Waiting", detail: this.#inQueue() };
      case "running":
        return { title: "Running", detail: this.#running() };
      case "completed":
        return Object.keys(this.nodeErrors).length
          ? { title: "Done in part", detail: `in ${duration(this.seconds)}, the rest was refused` }
          : { title: "Done", detail: `in ${duration(this.seconds)}` };
      case "interrupted":
        return { title: "Interrupted", detail: `after ${duration(this.seconds)}` };
      case "cancelled":
        return { title: "Cancelled", detail: `after ${duration(this.seconds)}` };
      case "error":
        return { title: "Failed", detail: `after ${duration(this.seconds)}` };
      case "refused":
        return { title: "Not started", detail: "" };
    }
  }

  #inQueue() {
    const position = this.queue?.position ?? null;
    if (position === null) return "in the queue";
    return position > 1 ? `number ${position} in the queue` : "next in the queue";
  }

  #running() {
    const left = timeLeft(this.flow, this.states, Date.now() / 1000);
    const id = this.last?.node_current;
    const node = id ? this.flow.titleOf(id) : "";
    const steps = this.last?.node_progress_max ? `${this.last.node_progress_value} of ${this.last.node_progress_max}` : "";
    return [[node, steps].filter(Boolean).join(", "), left === null ? "" : about(left)].filter(Boolean).join(" · ");
  }
}

/** @param {{ state: string, reason: string | null, attempt: number }} data */
function troubleOf({ state, reason, attempt }) {
  const what = state === "polling" ? "No live connection, asking the server instead" : "Connecting again";
  const times = state === "reconnecting" && attempt > 1 ? `, attempt ${attempt}` : "";
  return `${what}${times}${reason ? ` (${reason})` : ""}`;
}

// @ts-check
// `ComfyClient`: a server as an object. How a request is sent and what its failure means is `ServerLink`, in the wasm.
import { checkOptions, textOf } from "./check-options.js";
import { ServerLink, Submission, Workflow, uploadImage, uploadMask } from "./client.js";
import { callAs } from "./call-names.js";
import { ComfyError } from "./comfy-error.js";
import { eventStream } from "./event-stream.js";
import { own } from "./api-flow.js";
import { client, modules, whenReady } from "./modules.js";
import { keepInfo, knownInfo } from "./object-info-cache.js";
import { choicesOf, pastRuns, queueList } from "./server-answers.js";
import { listenTo } from "./server-events.js";
import { FOLLOW, SERVER, pick, withOwn } from "./server-options.js";
import { sourceNow } from "./snapshot.js";
import { submit } from "./submit.js";
import { uploadable } from "./upload-source.js";

const link = whenReady(client, "new ComfyClient", (/** @type {any} */ options) => new ServerLink(options));

/** How long an object info is used again, unless the call says otherwise, in milliseconds. */
const FRESH_MS = 60_000;

/** The wait between two questions whether the server is up, in milliseconds. */
const READY_WAITS = { first: 250, last: 4_000 };

/** Errors that do not pass by waiting. */
const LASTING = ["unauthorized", "forbidden_origin", "unsupported", "bad_input", "internal"];

const ABORTABLE = { signal: "signal" };

export class ComfyClient {
  /** @type {any} */
  #given;
  /** @type {ServerLink} */
  #made;
  #instance = client.instance;

  /** @param {any} [options] */
  constructor(options) {
    this.#made = link(options);
    this.#given = { ...options, clientId: this.#made.describe()[1] };
  }

  /** A wasm that was started anew after a trap has none of the objects of the old one. */
  get #link() {
    if (this.#instance !== client.instance) {
      this.#made = link(this.#given);
      this.#instance = client.instance;
    }
    return this.#made;
  }

  get #server() {
    return pick(this.#given, SERVER);
  }

  get #follow() {
    return pick(this.#given, [...SERVER, ...FOLLOW]);
  }

  get serverUrl() {
    return this.#link.describe()[0];
  }

  get clientId() {
    return this.#link.describe()[1];
  }

  get dialect() {
    return this.#link.describe()[2];
  }

  /** What `JSON.stringify` shows: no key, no header. */
  toJSON() {
    return { serverUrl: this.serverUrl, clientId: this.clientId, dialect: this.dialect };
  }

  /** The same for `console.log` of Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](
    /** @type {number} */ depth,
    /** @type {object} */ options,
    /** @type {Function} */ inspect,
  ) {
    return `ComfyClient ${inspect(this.toJSON(), { ...options, depth })}`;
  }

  /** @param {any} [options] */
  async ready(options) {
    const { timeoutMs = 60_000, signal } = checkOptions("ready", options, { timeoutMs: "milliseconds", ...ABORTABLE });
    signal?.throwIfAborted();
    const time = new AbortController();
    // Longer times than a timer takes are as good as for ever.
    const isTimed = timeoutMs > 0 && timeoutMs < 2 ** 31;
    const limit = isTimed ? setTimeout(() => time.abort(this.#late(timeoutMs)), timeoutMs) : undefined;
    const give = () => time.abort(signal.reason);
    signal?.addEventListener("abort", give);
    try {
      for (let wait = READY_WAITS.first; ; wait = Math.min(wait * 2, READY_WAITS.last)) {
        try {
          return await this.#ask("ready", "/system_stats", { signal: time.signal });
        } catch (error) {
          if (timeoutMs === 0 || time.signal.aborted || LASTING.includes(/** @type {any} */ (error).code)) throw error;
          await pause(wait, time.signal, error);
        }
      }
    } finally {
      clearTimeout(limit);
      signal?.removeEventListener("abort", give);
    }
  }

  /** @param {number} timeoutMs */
  #late(timeoutMs) {
    const message = `${this.serverUrl} has not answered within ${timeoutMs / 1000} seconds.`;
    return new ComfyError("timeout", message, { hint: { option: "timeoutMs", advice: "wait_longer" } });
  }

  /** @param {any} source @param {any} [options] */
  async load(source, options) {
    const given = withOwn(options, this.#server);
    const now = sourceNow(source);
    const wantsInfo = given === null || typeof given !== "object" || given.objectInfo;
    const info = wantsInfo ? undefined : isWorkflow(source) ? await this.objectInfo() : knownInfo(this, FRESH_MS);
    const load = () => Workflow.load(now, info ? { ...given, objectInfo: info } : given);
    return this.#owned(await callAs("load", "Workflow.load", load));
  }

  /** @param {any} api */
  #owned(api) {
    return own(api, { server: this.#server, submit: (api, options) => this.submit(api, options) });
  }

  /** @param {any} prompt @param {any} [options] */
  async submit(prompt, options) {
    return submit(prompt, withOwn(options, this.#follow));
  }

  /** @param {any} file @param {any} [options] */
  upload(file, options) {
    return callAs("upload", "uploadImage", () => this.uploadImage(file, options));
  }

  /** @param {any} file @param {any} [options] */
  uploadImage(file, options) {
    return uploadable("uploadImage", file, withOwn(options, this.#server), uploadImage);
  }

  /** @param {any} file @param {any} [options] */
  uploadMask(file, options) {
    return uploadable("uploadMask", file, withOwn(options, this.#server), uploadMask);
  }

  /** @param {any} promptId @param {any} [options] */
  pickUp(promptId, options) {
    const pickUp = () => Submission.fromPromptId(promptId, withOwn(options, this.#follow));
    return callAs("pickUp", "Submission.fromPromptId", pickUp);
  }

  /** @param {any} promptId @param {any} [options] */
  async status(promptId, options) {
    const { signal } = checkOptions("status", options, ABORTABLE);
    const [state, position] = await this.#link.status(textOf("status", promptId, "the id of the prompt"), signal);
    return { state, position };
  }

  /** @param {any} promptId */
  async cancel(promptId) {
    return this.pickUp(textOf("cancel", promptId, "the id of the prompt")).cancel();
  }

  /** @param {any} named */
  file(named) {
    const { filename, name = filename, subfolder = "", type = "output" } = Object(named);
    const [file] = this.#link.files({ "": { files: [{ filename: name, subfolder, type }] } }, "");
    if (file) return file;
    throw new ComfyError(
      "bad_input",
      'file wants { filename, subfolder, type } of a file in a folder of the server; type is "output" where it is left out.',
    );
  }

  /** @param {any} [options] */
  async objectInfo(options) {
    const { maxAgeMs = FRESH_MS, signal } = checkOptions("objectInfo", options, { maxAgeMs: "milliseconds", ...ABORTABLE });
    const fresh = knownInfo(this, maxAgeMs);
    if (fresh) return fresh;
    const asked = Date.now();
    // Both take their time: the converter's chunk and the answer.
    const converter = modules.converter();
    converter.catch(() => {});
    const text = await this.#ask("objectInfo", "/object_info", { asText: true, signal });
    const info = /** @type {any} */ (await converter).ObjectInfo.from(text);
    keepInfo(this, info, asked);
    return info;
  }

  /** @param {any} classType @param {any} input @param {any} [options] */
  async choices(classType, input, options) {
    const type = textOf("choices", classType, "the class of a node");
    const name = textOf("choices", input, "the name of an input");
    const answer = await this.#get("choices", `/object_info/${encodeURIComponent(type)}`, options);
    return choicesOf(answer, this.serverUrl, type, name);
  }

  /** @param {any} [options] */
  modelFolders(options) {
    return this.#get("modelFolders", "/models", options);
  }

  /** @param {any} folder @param {any} [options] */
  models(folder, options) {
    return this.#models("models", folder, options);
  }

  /** @param {any} folder @param {any} name @param {any} [options] */
  async hasModel(folder, name, options) {
    const wanted = textOf("hasModel", name, "the name of a model");
    return (await this.#models("hasModel", folder, options)).includes(wanted);
  }

  /** @param {string} call @param {unknown} folder @param {any} options @returns {Promise<string[]>} */
  async #models(call, folder, options) {
    const name = textOf(call, folder, 'the name of a folder, such as "checkpoints"');
    try {
      return await this.#get(call, `/models/${encodeURIComponent(name)}`, options);
    } catch (error) {
      if (/** @type {any} */ (error).status !== 404) throw error;
      const message = `${this.serverUrl} has no folder of models ${JSON.stringify(name)}.`;
      const hint = { advice: "correct_folder" };
      throw new ComfyError("bad_input", message, { status: 404, hint }, "modelFolders() lists them.");
    }
  }

  /** @param {any} [options] */
  embeddings(options) {
    return this.#get("embeddings", "/embeddings", options);
  }

  /** @param {any} [options] */
  systemStats(options) {
    return this.#get("systemStats", "/system_stats", options);
  }

  /** @param {any} [options] */
  async features(options) {
    try {
      return await this.#get("features", "/features", options);
    } catch (error) {
      // A server that is older than the route announces nothing.
      if (/** @type {any} */ (error).status === 404) return {};
      throw error;
    }
  }

  /** @param {any} [options] */
  logs(options) {
    return this.#get("logs", "/internal/logs", options);
  }

  /** @param {any} [options] */
  async queue(options) {
    return queueList(await this.#get("queue", "/queue", options), this.serverUrl);
  }

  /** @param {any} [options] */
  async history(options) {
    const known = { limit: "whole", offset: "whole", ...ABORTABLE };
    const { limit = Infinity, offset = 0, signal } = checkOptions("history", options, known);
    // The server's own offset counts from the oldest run.
    const route = limit === Infinity ? "/history" : `/history?max_items=${limit + offset}`;
    const answer = await this.#ask("history", route, { signal });
    const list = this.#link;
    return pastRuns(answer, this.serverUrl, offset, limit, (outputs, prompt) => list.files(outputs, prompt));
  }

  /** @param {any} [options] */
  async clearQueue(options) {
    await this.#post("clearQueue", "/queue", { clear: true }, checkOptions("clearQueue", options, ABORTABLE));
  }

  /** @param {any} promptIds @param {any} [options] */
  async deleteHistory(promptIds, options) {
    const given = checkOptions("deleteHistory", options, ABORTABLE);
    const isList = Array.isArray(promptIds) && promptIds.every((id) => typeof id === "string");
    if (promptIds !== "all" && !isList) {
      throw new ComfyError("bad_input", 'deleteHistory wants a list of prompt ids, or "all".');
    }
    await this.#post("deleteHistory", "/history", isList ? { delete: promptIds } : { clear: true }, given);
  }

  /** @param {any} [options] */
  async free(options) {
    const known = { unloadModels: "flag", freeMemory: "flag", ...ABORTABLE };
    const { unloadModels = true, freeMemory = true, signal } = checkOptions("free", options, known);
    await this.#post("free", "/free", { unload_models: unloadModels, free_memory: freeMemory }, { signal });
  }

  /**
   * @param {any} callback
   * @param {any} [options]
   * @returns {() => void} stops listening
   */
  listen(callback, options) {
    if (typeof callback !== "function") throw new ComfyError("bad_input", "listen wants a function, which gets each event.");
    return this.#listen("listen", callback, checkOptions("listen", options, ABORTABLE));
  }

  /** @param {string} call @param {(event: any) => void} callback @param {{ signal?: any }} options */
  #listen(call, callback, { signal }) {
    if (signal?.aborted) return () => {};
    const end = listenTo(call, this.#link, callback);
    const stop = () => {
      this.#listening.delete(stop);
      signal?.removeEventListener("abort", stop);
      end();
    };
    this.#listening.add(stop);
    signal?.addEventListener("abort", stop, { once: true });
    return stop;
  }

  /** @type {Set<() => void>} */
  #listening = new Set();

  /** @param {any} [options] */
  events(options) {
    const { signal } = checkOptions("events", options, ABORTABLE);
    return eventStream((onEvent, onEnd) => {
      if (signal?.aborted) {
        onEnd(signal.reason, true);
        return () => {};
      }
      const stop = this.#listen("events", onEvent, {});
      const ended = client.guard.onTrap((reason) => onEnd(reason, false));
      const abort = () => onEnd(signal.reason, true);
      signal?.addEventListener("abort", abort, { once: true });
      const closed = () => onEnd(undefined, false);
      this.#streams.add(closed);
      return () => {
        ended();
        stop();
        signal?.removeEventListener("abort", abort);
        this.#streams.delete(closed);
      };
    });
  }

  /** @type {Set<() => void>} */
  #streams = new Set();

  /** Ends what listens; runs go on. */
  close() {
    for (const stop of this.#listening) stop();
    for (const end of this.#streams) end();
  }

  /**
   * @param {any} route
   * @param {any} [init]
   * @returns {Promise<Response>}
   */
  async fetch(route, init) {
    if (typeof route !== "string" || !/^\/(?!\/)/.test(route)) {
      const message = `fetch wants a route of the server, which begins with one slash, such as "/system_stats", not ${JSON.stringify(route)}.`;
      throw new ComfyError("bad_input", message);
    }
    const link = this.#link;
    const [url, own, fetch, limitMs] = link.route(route);
    if (!fetch) throw await link.explain("this runtime has no fetch; pass one as the option fetch");
    const headers = new Headers(own);
    new Headers(init?.headers).forEach((value, name) => headers.set(name, value));
    const given = init?.signal;
    given?.throwIfAborted();
    const time = new AbortController();
    const limit = setTimeout(() => time.abort(), limitMs);
    // Not a listener: the body may be read when this call is over.
    const signal = given && AbortSignal.any ? AbortSignal.any([given, time.signal]) : (given ?? time.signal);
    // No header of ours follows a redirect: the caller gets it.
    const redirect = Object.keys(own).length > 0 ? { redirect: "manual" } : {};
    try {
      return await fetch.call(globalThis, url, { ...redirect, ...init, headers, signal });
    } catch (cause) {
      if (given?.aborted) throw given.reason;
      throw await link.explain(time.signal.aborted ? limitMs : cause);
    } finally {
      clearTimeout(limit);
    }
  }

  /** @param {string} call @param {string} route @param {any} options */
  async #get(call, route, options) {
    return this.#ask(call, route, checkOptions(call, options, ABORTABLE));
  }

  /** @param {string} call @param {string} route @param {object} body @param {{ signal?: any }} options */
  async #post(call, route, body, { signal }) {
    await this.#ask(call, route, { method: "POST", body: JSON.stringify(body), asText: true, signal });
  }

  /**
   * @param {string} call
   * @param {string} route
   * @param {{ method?: string, body?: string, asText?: boolean, signal?: any }} how
   * @returns {Promise<any>}
   */
  async #ask(call, route, { method = "GET", body, asText = false, signal }) {
    return this.#link.ask(call, method, route, body, asText, signal);
  }
}

/** @param {any} source */
function isWorkflow(source) {
  return Array.isArray(source?.nodes);
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal ends the waiting
 * @param {unknown} failure that is thrown where the time is up, rather than that it is
 */
function pause(ms, signal, failure) {
  return new Promise((resolve, reject) => {
    const give = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", give);
      reject(signal.reason instanceof ComfyError && signal.reason.code === "timeout" ? failure : signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", give);
      resolve(undefined);
    }, ms);
    signal.addEventListener("abort", give);
  });
}

// Options of the calls. An option that is `null` or `undefined` counts as absent.
import type { EventCallback, EventType } from "./events.js";
import type { ObjectInfo } from "./workflow.js";
import type { Prompt } from "./wire.js";

/** How to reach a server. */
export interface ServerOptions {
  /**
   * Where ComfyUI listens, such as `"http://127.0.0.1:8188"`; a path (reverse proxy) is kept. Where a process has an
   * environment, `AUTOFLOW_COMFYUI_SERVER_URL` stands in.
   */
  serverUrl?: string | URL | null | undefined;
  /**
   * A key: for Comfy Cloud sent as `X-API-Key`, for the Comfy API v2 as `Authorization: Bearer`, and to any server but
   * the latter with the prompt, for its API nodes. Never printed, and never sent to another host.
   */
  apiKey?: string | null | undefined;
  /**
   * How the server is spoken to; default by its address: `"cloud"` for Comfy Cloud, `"v2"` where the path ends with
   * `/api/v2`, else `"local"`.
   */
  dialect?: "local" | "cloud" | "v2" | null | undefined;
  /** Sent with every HTTP request. */
  headers?: Record<string, string> | Headers | null | undefined;
  /**
   * Ends the call, which rejects with the signal's reason: `AbortSignal.timeout(5_000)` ends it earlier than its own time
   * limit.
   */
  signal?: AbortSignal | null | undefined;
  /** Used instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch | null | undefined;
  /**
   * The most that an answer may have, in bytes, decompressed: beyond it the call fails with `too_large`. A larger text
   * frame is dropped. Files of a run are not meant. Default 64 MB.
   */
  maxResponseBytes?: number | null | undefined;
}

/** How to follow a run. */
export interface WaitOptions<Custom = {}> {
  /** Receives every event of the run, the terminal one last. */
  onEvent?: EventCallback<Custom> | null | undefined;
  /** Aborting settles at once with the signal's reason, and cancels the run on the server. */
  signal?: AbortSignal | null | undefined;
  /**
   * After so many milliseconds of silence the server is asked how the run is doing. Default 5000, or
   * `AUTOFLOW_WS_IDLE_TIMEOUT_S` (seconds).
   */
  idleTimeoutMs?: number | null | undefined;
  /** How often it is asked at most, in milliseconds. Default 500, or `AUTOFLOW_POLL_INTERVAL_S` (seconds). */
  pollIntervalMs?: number | null | undefined;
  /**
   * How long to wait in all, in milliseconds. It ends the waiting, not the run: the call rejects with a `ComfyError`
   * `timeout`. Default: as long as it takes, or `AUTOFLOW_WAIT_TIMEOUT_S` (seconds).
   */
  waitTimeoutMs?: number | null | undefined;
  /** Asks for the position in the queue while waiting there: `queue` events. */
  pollQueue?: boolean | null | undefined;
}

/** How to pick up a run that was submitted before. The JSON of a `Submission` is such an object. */
export interface PickUpOptions
  extends Omit<ServerOptions, "signal">,
    Pick<WaitOptions, "idleTimeoutMs" | "pollIntervalMs" | "pollQueue"> {
  /**
   * The id the run was submitted with: without it the server sends its progress elsewhere. Default: one for each page or
   * process and server address, which all its clients and calls share, with one socket. Two pages or processes must not use
   * the same one at once.
   */
  clientId?: string | null | undefined;
  /** Used instead of the global `WebSocket`, for instance that of the package `ws`. */
  webSocket?: WebSocketConstructor | null | undefined;
  /** Part of a submission's JSON; says nothing here. */
  promptId?: string | null | undefined;
  /** Part of a submission's JSON; says nothing here. */
  status?: string | null | undefined;
}

/** How to submit a prompt, whether or not its end is waited for. */
export interface SubmissionOptions extends Omit<PickUpOptions, "status">, Omit<WaitOptions, "onEvent" | "signal"> {
  /** Aborting settles at once with the signal's reason, and cancels the run on the server. */
  signal?: AbortSignal | null | undefined;
  /**
   * The id of the run; recent servers want a lowercase UUID. Default: a new one. One run at a time has it: while one of
   * this program does, another submission with it is refused before anything is sent; `Submission.fromPromptId` follows
   * the one that there is. With the Comfy API v2, which chooses the ids itself, it is the `Idempotency-Key`: a
   * submission with the same one is not taken twice.
   */
  promptId?: string | null | undefined;
  /**
   * Whether the run makes previews: `preview` events. Default: as the server is set. Servers before 0.19 send them as they
   * are set: `false` keeps them from the callback all the same.
   */
  previews?: boolean | null | undefined;
  /** Run before everything that waits. */
  front?: boolean | null | undefined;
  /** Goes into the request as `extra_data`, for instance `{ extra_pnginfo: { workflow } }`. */
  extraData?: object | null | undefined;
  /** Run only these output nodes and what they need. */
  partialExecutionTargets?: readonly string[] | null | undefined;
}

/** How to submit a prompt. `onEvent` goes with `wait: true`: without waiting no events are delivered. */
export type SubmitOptions<Custom = {}> = SubmissionOptions &
  (
    | {
        /** Settle at the end of the run, resolving on `completed` and rejecting otherwise. */
        wait: true;
        /** Receives every event of the run, the terminal one last. */
        onEvent?: EventCallback<Custom> | null | undefined;
      }
    | {
        /** `false`, the default: resolve as soon as the server has accepted the prompt. */
        wait?: boolean | null | undefined;
        /** Needs `wait: true`; or wait later, with `run.wait({ onEvent })`. */
        onEvent?: null | undefined;
      }
  );

/**
 * The same where `wait` is known as a boolean only, as in an object that was made before the call: whether it is true
 * with an `onEvent` shows when it runs.
 */
export interface UndecidedSubmitOptions<Custom = {}, Wait extends boolean = boolean> extends SubmissionOptions {
  wait: boolean extends Wait ? Wait : true;
  onEvent?: EventCallback<Custom> | null | undefined;
}

/** A WebSocket class: the global one, or that of `ws`. */
export type WebSocketConstructor = new (url: string) => object;

/** What turns a workflow into a prompt. */
export interface ConvertOptions {
  /** Go on without nodes whose type the object info does not know, instead of failing. */
  allowUnknown?: boolean | null | undefined;
  /**
   * Chooses among the alternatives of `{a|b}` in texts: a whole number as the seed, or `"first"`. Default: at random, as
   * the editor does.
   */
  random?: number | "first" | null | undefined;
}

/** How to upload a file. */
export interface UploadOptions extends ServerOptions {
  /** The file's name; a `File` has its own. */
  name?: string | null | undefined;
  subfolder?: string | undefined;
  /** The server's folder, default `"input"`. */
  type?: "input" | "temp" | "output" | null | undefined;
  /** Replace a file of that name; otherwise the server gives the new one another name. */
  overwrite?: boolean | null | undefined;
}

/** How to upload a mask. */
export interface UploadMaskOptions extends UploadOptions {
  /** The picture that the mask is for, or what its upload gave. */
  originalRef: { filename?: string; name?: string; subfolder?: string | undefined; type?: string | undefined };
}

/** How to upload a file into a prompt. */
export interface PromptUploadOptions extends UploadOptions {
  /** The node whose input it goes into. */
  node?: string | null | undefined;
  /** The input that it goes into. */
  input?: string | null | undefined;
}

/** What loading a workflow takes. */
export interface LoadOptions extends ServerOptions, ConvertOptions {
  /** The schema of the nodes. Without it the server is asked when a workflow has to be converted. */
  objectInfo?: ObjectInfo | object | string | null | undefined;
}

/** What the progress printer prints, and where. */
export interface ProgressPrinterOptions {
  /**
   * `"json"`: one compact object a line, repeated lines dropped. `"bar"`: a progress bar. Otherwise a template such as
   * `"{node_current} {node_progress}% of {nodes_progress:.0%}"`, in which a list prints its length. Default: a bar on a
   * terminal, JSON otherwise.
   */
  format?: "json" | "bar" | (string & {}) | null | undefined;
  /** A prompt: its nodes' titles are shown instead of their ids. */
  prompt?: Prompt | null | undefined;
  /** Print `event.raw` instead of the event. */
  raw?: boolean | null | undefined;
  /** Only these types of events. */
  eventTypes?: readonly (EventType | (string & {}))[] | null | undefined;
  /** Where to: anything with `write(text)`. Default: standard error of a process, the console of a page. */
  stream?: { write(text: string): unknown; isTTY?: boolean } | null | undefined;
}

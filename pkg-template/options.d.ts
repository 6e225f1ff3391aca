// What the calls take.
import type { EventCallback } from "./events.js";

/** How to reach a server. */
export interface ServerOptions {
  /**
   * Where ComfyUI listens, such as `"http://127.0.0.1:8188"`; a path (reverse proxy) is kept. Where a process has an
   * environment, `AUTOFLOW_COMFYUI_SERVER_URL` stands in.
   */
  serverUrl?: string | URL;
  /**
   * A key: for Comfy Cloud sent as `X-API-Key`, for the Comfy API v2 as `Authorization: Bearer`, and to any server but
   * the latter with the prompt, for its API nodes. Never printed, and never sent to another host.
   */
  apiKey?: string;
  /**
   * How the server is spoken to; default by its address: `"cloud"` for Comfy Cloud, `"v2"` where the path ends with
   * `/api/v2`, else `"local"`.
   */
  dialect?: "local" | "cloud" | "v2";
  /** Sent with every HTTP request. */
  headers?: Record<string, string> | Headers;
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Used instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** How to follow a run. */
export interface WaitOptions<Custom = {}> {
  /** Receives every event of the run, the terminal one last. */
  onEvent?: EventCallback<Custom> | null;
  /** Aborting settles at once with the signal's reason, and cancels the run on the server. */
  signal?: AbortSignal;
  /**
   * After so many milliseconds of silence the server is asked how the run is doing. Default 5000, or
   * `AUTOFLOW_WS_IDLE_TIMEOUT_S` (seconds).
   */
  idleTimeoutMs?: number;
  /** How often it is asked at most, in milliseconds. Default 500, or `AUTOFLOW_POLL_INTERVAL_S` (seconds). */
  pollIntervalMs?: number;
  /**
   * How long to wait in all, in milliseconds. It ends the waiting, not the run: the call rejects with a `ComfyError`
   * `timeout`. Default: as long as it takes, or `AUTOFLOW_WAIT_TIMEOUT_S` (seconds).
   */
  waitTimeoutMs?: number;
  /** Asks for the position in the queue while waiting there: `queue` events. */
  pollQueue?: boolean;
}

/** How to pick up a run that was submitted before. */
export interface PickUpOptions extends ServerOptions {
  /** The id the run was submitted with: without it the server sends its progress elsewhere. */
  clientId?: string;
  /** Used instead of the global `WebSocket`, for instance that of the package `ws`. */
  webSocket?: WebSocketConstructor;
}

/** How to submit a prompt. */
export interface SubmitOptions<Custom = {}> extends Omit<PickUpOptions, "signal">, WaitOptions<Custom> {
  /**
   * `true`: settle at the end of the run, resolving on `completed` and rejecting otherwise. `false`, the default:
   * resolve as soon as the server has accepted the prompt.
   */
  wait?: boolean;
  /**
   * The id of the run; recent servers want a lowercase UUID. Default: a new one. With the Comfy API v2, which gives ids of
   * its own, it is the `Idempotency-Key`: a submission with the same one is not taken twice.
   */
  promptId?: string;
  /**
   * Whether the run makes previews: `preview` events. Default: as the server is set. Servers before 0.19 do not listen.
   */
  previews?: boolean;
  /** Run before everything that waits. */
  front?: boolean;
  /** Goes into the request as `extra_data`, for instance `{ extra_pnginfo: { workflow } }`. */
  extraData?: Record<string, unknown>;
  /** Run only these output nodes and what they need. */
  partialExecutionTargets?: string[];
}

/** A WebSocket class: the global one, or that of `ws`. */
export type WebSocketConstructor = new (url: string) => object;

/** What turns a workflow into a prompt. */
export interface ConvertOptions {
  /** Go on without nodes whose type the object info does not know, instead of failing. */
  allowUnknown?: boolean;
  /**
   * Chooses among the alternatives of `{a|b}` in texts: a whole number as the seed, or `"first"`. Default: at random, as
   * the editor does.
   */
  random?: number | "first";
}

/** How to upload a file. */
export interface UploadOptions extends ServerOptions {
  /** The file's name; a `File` has its own. */
  name?: string;
  subfolder?: string;
  /** The server's folder, default `"input"`. */
  type?: "input" | "temp" | "output";
  /** Replace a file of that name; otherwise the server gives the new one another name. */
  overwrite?: boolean;
}

/** How to upload a file into a prompt. */
export interface PromptUploadOptions extends UploadOptions {
  /** The node whose input it goes into. */
  node?: string;
  /** The input that it goes into. */
  input?: string;
}

/** What loading a workflow takes. */
export interface LoadOptions extends ServerOptions, ConvertOptions {
  /** The schema of the nodes. Without it the server is asked when a workflow has to be converted. */
  objectInfo?: import("./index.js").ObjectInfo | import("./wire.js").ObjectInfoJson | string;
}

/** What the progress printer prints, and where. */
export interface ProgressPrinterOptions {
  /**
   * `"json"`: one compact object a line, repeated lines dropped. `"bar"`: a progress bar. Otherwise a template such as
   * `"{node_current} {node_progress}% of {nodes_progress:.0%}"`, in which a list prints its length. Default: a bar on a
   * terminal, JSON otherwise.
   */
  format?: "json" | "bar" | (string & {});
  /** A prompt: its nodes' titles are shown instead of their ids. */
  prompt?: import("./wire.js").Prompt;
  /** Print `event.raw` instead of the event. */
  raw?: boolean;
  /** Only these types of events. */
  eventTypes?: readonly string[];
  /** Where to: anything with `write(text)`. Default: standard error of a process, the console of a page. */
  stream?: { write(text: string): unknown; isTTY?: boolean };
}

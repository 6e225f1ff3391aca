// For Manifest V3 extensions. What the manifest needs:
//
//   "permissions": ["declarativeNetRequestWithHostAccess", "offscreen", "storage"],
//   "optional_host_permissions": ["http://*/*", "https://*/*", "ws://*/*", "wss://*/*"],
//   "content_security_policy": { "extension_pages": "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" }
//
// requestServer() asks for one of the optional host permissions. An extension for a fixed server lists serverOrigins() of
// it as "host_permissions" instead.
import type { ComfyEvent, EventOf } from "../events.js";
import type { Submission, Upload, submit, uploadImage } from "../index.js";
import type { SubmitOptions, UploadOptions } from "../options.js";
import type { NodeErrors, Prompt } from "../wire.js";

/** Match patterns for one server: HTTP and WebSocket. */
export function serverOrigins(serverUrl: string | URL): string[];

/** Asks the user for access to one server. Needs a user gesture, so call it before any await. */
export function requestServer(serverUrl: string | URL): Promise<boolean>;

/**
 * Lets this extension reach a ComfyUI that was started without `--enable-cors-header`: a session rule removes `Origin`
 * from this extension's requests to this one server. Web pages are not let in. It lasts until the browser is closed, also
 * while the service worker is asleep; calling again changes nothing. Sockets need a document on top of it (a popup, a
 * tab, or `createOffscreenClient`): one that a service worker opens keeps its `Origin`.
 *
 * @returns what removes the rule
 * @throws {ComfyError} `forbidden_origin` when the user has not granted access yet
 */
export function allowServer(serverUrl: string | URL): Promise<() => Promise<void>>;

/** A run, as in messages. */
export interface OffscreenRun {
  promptId: string;
  clientId: string;
  serverUrl: string;
  /** Null, and no node errors: the `submitted` event does not carry them. */
  number: number | null;
  nodeErrors: NodeErrors;
}

/** An event, as in messages: the image of a preview is a `data:` URL. */
export type OffscreenEvent =
  | Exclude<ComfyEvent, { type: "preview" }>
  | (Omit<EventOf<"preview">, "data"> & { data: Omit<EventOf<"preview">["data"], "image"> & { image: string } });

/** Options that a message can carry: no functions, and `serverUrl` is required. */
export type OffscreenOptions = Omit<
  SubmitOptions,
  "onEvent" | "signal" | "fetch" | "webSocket" | "wait" | "headers" | "serverUrl"
> & {
  serverUrl: string;
  headers?: Record<string, string>;
};

/** A result file, as in messages. Fetch its `url` in a page of the extension. */
export interface OffscreenFile {
  filename: string;
  subfolder: string;
  type: string;
  kind: string;
  key: string;
  nodeId: string;
  mimeType: string;
  url: string;
}

/**
 * Runs prompts in an offscreen document, which outlives the service worker.
 *
 * @example
 * // service-worker.js, at its top level: messages that wake the worker need their listeners at once
 * const client = createOffscreenClient();
 * client.onEvent((event, run) => chrome.action.setBadgeText({ text: `${Math.round(event.nodes_progress * 100)}` }));
 * client.onEnd(async (run, error) => error ?? console.log(await client.files(run.promptId)));
 * client.resume();
 */
export function createOffscreenClient(options?: {
  /** The page of the extension that calls {@link serveOffscreen}. Default `"offscreen.html"`. */
  url?: string;
}): OffscreenClient;

/** See {@link createOffscreenClient}. Calls reject with the `ComfyError` of the offscreen document. */
export interface OffscreenClient {
  /** Submits a prompt; resolves once the server has accepted it. */
  submit(prompt: Prompt, options: OffscreenOptions): Promise<OffscreenRun>;
  /** Follows a run that was submitted elsewhere. */
  follow(
    run: Pick<OffscreenRun, "promptId" | "clientId" | "serverUrl">,
    options?: Pick<OffscreenOptions, "apiKey" | "headers" | "idleTimeoutMs" | "pollIntervalMs">,
  ): Promise<OffscreenRun>;
  /**
   * Resumes every run of this client whose end was not reported yet, in a new offscreen document if needed. Call it
   * whenever the worker starts.
   */
  resume(): Promise<OffscreenRun[]>;
  /** Runs that the offscreen document has followed since it was opened. */
  runs(): Promise<(OffscreenRun & { lastType: string | null; progress: number })[]>;
  /** Cancels a run; resolves to whether the server had it. */
  cancel(promptId: string): Promise<boolean>;
  /** Files of a finished run. */
  files(promptId: string): Promise<OffscreenFile[]>;
  /** Uploads a picture, or any other input file. */
  upload(
    file: Blob,
    options: Omit<UploadOptions, "signal" | "fetch" | "onProgress" | "headers" | "serverUrl"> & {
      serverUrl: string;
      headers?: Record<string, string>;
    },
  ): Promise<Upload>;
  /** Listens to the events of all runs. Returns a function that removes the listener. */
  onEvent(listener: (event: OffscreenEvent, run: OffscreenRun) => void): () => void;
  /** Listens to the ends of runs; the error is null for completed ones. Returns a function that removes the listener. */
  onEnd(listener: (run: OffscreenRun, error: Error | null) => void): () => void;
  /** Closes the offscreen document. */
  close(): Promise<void>;
}

/**
 * Call it in the offscreen document.
 *
 * @example
 * // offscreen.js, a module that offscreen.html loads
 * import * as autoflow from "comfyui-autoflow";
 * import { serveOffscreen } from "comfyui-autoflow/extension";
 * serveOffscreen(autoflow);
 */
export function serveOffscreen(api: {
  submit: typeof submit;
  Submission: typeof Submission;
  uploadImage: typeof uploadImage;
}): void;


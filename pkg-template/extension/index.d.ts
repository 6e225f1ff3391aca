// For Manifest V3 extensions. What the manifest needs:
//
//   "permissions": ["declarativeNetRequestWithHostAccess", "offscreen", "storage"],
//   "optional_host_permissions": ["http://*/*", "https://*/*", "ws://*/*", "wss://*/*"],
//   "content_security_policy": { "extension_pages": "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" }
//
// Optional host permissions are only what may be asked for: requestServer() asks for one server. An extension that is
// made for one server lists serverOrigins() of it as "host_permissions" instead.
import type { ComfyEvent, EventOf } from "../events.js";
import type { Submission, Upload, submit, uploadImage } from "../index.js";
import type { SubmitOptions, UploadOptions } from "../options.js";
import type { NodeErrors, Prompt } from "../wire.js";

/** The match patterns that stand for a server and nothing else: its HTTP and its socket. */
export function serverOrigins(serverUrl: string | URL): string[];

/** Asks the user for access to one server. Only in a click, and before anything is awaited there. */
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

/** A run as messages name it. */
export interface OffscreenRun {
  promptId: string;
  clientId: string;
  serverUrl: string;
  /** Null, and no node errors: the event that tells of the submission does not carry them. */
  number: number | null;
  nodeErrors: NodeErrors;
}

/** An event as a message carries it: a preview's picture is a `data:` URL. */
export type OffscreenEvent =
  | Exclude<ComfyEvent, { type: "preview" }>
  | (Omit<EventOf<"preview">, "data"> & { data: Omit<EventOf<"preview">["data"], "image"> & { image: string } });

/** Options that can be sent in a message: without functions, with `serverUrl`. */
export type OffscreenOptions = Omit<
  SubmitOptions,
  "onEvent" | "signal" | "fetch" | "webSocket" | "wait" | "headers" | "serverUrl"
> & {
  serverUrl: string;
  headers?: Record<string, string>;
};

/** A file that a run made, as messages name it. Fetch its `url` in a page of the extension. */
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

/** See {@link createOffscreenClient}. Calls reject with the `ComfyError` that the offscreen document got. */
export interface OffscreenClient {
  /** Submits a prompt; resolves once the server has taken it. */
  submit(prompt: Prompt, options: OffscreenOptions): Promise<OffscreenRun>;
  /** Follows a run that was submitted elsewhere. */
  follow(
    run: Pick<OffscreenRun, "promptId" | "clientId" | "serverUrl">,
    options?: Pick<OffscreenOptions, "apiKey" | "headers" | "idleTimeoutMs" | "pollIntervalMs">,
  ): Promise<OffscreenRun>;
  /**
   * Goes on with every run that this client submitted and whose end was not heard, in a new offscreen document where the
   * old one is gone. Call it whenever the worker starts.
   */
  resume(): Promise<OffscreenRun[]>;
  /** What the offscreen document has followed since it was opened. */
  runs(): Promise<(OffscreenRun & { lastType: string | null; progress: number })[]>;
  /** Takes a run back; resolves to whether the server had it. */
  cancel(promptId: string): Promise<boolean>;
  /** What a finished run made. */
  files(promptId: string): Promise<OffscreenFile[]>;
  /** Uploads a picture, or any other input file. */
  upload(
    file: Blob,
    options: Omit<UploadOptions, "signal" | "fetch" | "onProgress" | "headers" | "serverUrl"> & {
      serverUrl: string;
      headers?: Record<string, string>;
    },
  ): Promise<Upload>;
  /** Hears every event of every run; returns what ends it. */
  onEvent(listener: (event: OffscreenEvent, run: OffscreenRun) => void): () => void;
  /** Hears that a run is over, with the error unless it is complete; returns what ends it. */
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


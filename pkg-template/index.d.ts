import type { ComfyEvent, EventCallback, TerminalEvent } from "./events.js";
import type {
  ConvertOptions,
  LoadOptions,
  PickUpOptions,
  ProgressPrinterOptions,
  ServerOptions,
  SubmitOptions,
  WaitOptions,
} from "./options.js";
import type { HistoryItem, NodeErrors, ObjectInfoJson, Outputs, Prompt, PromptNode, WorkflowJson } from "./wire.js";

export type * from "./events.js";
export type * from "./options.js";
export type * from "./wire.js";

/** Bytes, however they are held. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** A `WebAssembly.Module`, whose type only the libraries of browsers declare. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: new (...args: any[]) => infer Module } }
  ? Module
  : object;

/** Where the wasm comes from. */
export type WasmSource = string | URL | Response | Bytes | WasmModule;

/**
 * Loads the wasm. Needed with `comfyui-autoflow/slim` only; here it is ready on import and this resolves at once, so
 * that code can move between the entries.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void>;

/** What a workflow can be read from. A string is JSON text. Pictures and videos carry one where ComfyUI saved them. */
export type WorkflowSource = WorkflowJson | Prompt | string | URL | Blob | Bytes;

/** Reads workflows. */
export class Workflow {
  private constructor();
  /**
   * Reads a workflow or a prompt from wherever it is, and converts the editor's form.
   *
   * @throws {ComfyError} `bad_input` when there is none in it, `conversion` when it cannot become a prompt
   * @example
   * const api = await Workflow.load(file, { serverUrl: "http://127.0.0.1:8188" });
   * api.find({ classType: "KSampler" })[0].inputs.seed = 42;
   * const run = await api.submit({ serverUrl: "http://127.0.0.1:8188", wait: true });
   */
  static load(source: WorkflowSource, options?: LoadOptions): Promise<ApiFlow>;
}

/** The schema of a server's nodes, parsed once and used again. */
export class ObjectInfo {
  private constructor();
  /** From saved JSON, as object or text. */
  static from(json: ObjectInfoJson | string): ObjectInfo;
  /** Asks a server (`GET /object_info`). */
  static fetch(serverUrl: string | URL, options?: Omit<ServerOptions, "serverUrl">): Promise<ObjectInfo>;
}

/** A prompt that can be looked through, edited and submitted. */
export class ApiFlow {
  private constructor();
  /** The prompt itself, to be edited in place. */
  readonly prompt: Prompt;
  /** The nodes that match all of what is given, to be edited in place. */
  find(query: { classType?: string; title?: string; id?: string }): PromptNode[];
  /** {@link submit} with this prompt. */
  submit<Custom = {}>(options: SubmitOptions<Custom>): Promise<Submission>;
  toJSON(): Prompt;
}

/** What a conversion gives. */
export interface Conversion {
  prompt: Prompt;
  /** What the editor would have done differently, or what could not be known. */
  warnings: string[];
  /** Ids of nodes that are not in the prompt. */
  dropped: string[];
}

/**
 * Makes the prompt of a workflow that the editor saved, as its "Export (API)" does.
 *
 * @throws {ComfyError} `conversion`, or `bad_input` when it is no workflow
 */
export function convert(
  workflow: WorkflowJson | string,
  objectInfo: ObjectInfo | ObjectInfoJson | string,
  options?: ConvertOptions,
): Conversion;

/**
 * Submits a prompt.
 *
 * @throws {ComfyError} with a `code` that says why, or the signal's reason when it was aborted
 * @example
 * const run = await submit(prompt, {
 *   serverUrl: "http://127.0.0.1:8188",
 *   wait: true,
 *   onEvent: (event) => event.type === "progress" && console.log(event.data.value, "of", event.data.max),
 * });
 * const [image] = await run.fetchImages();
 */
export function submit<Custom = {}>(
  prompt: Prompt | ApiFlow | string,
  options: SubmitOptions<Custom>,
): Promise<Submission>;

/** A run on a server. */
export class Submission {
  private constructor();
  /**
   * Picks a run up again, after a reload or in another process.
   *
   * @example
   * const run = Submission.fromPromptId(promptId, { serverUrl, clientId });
   * await run.wait({ onEvent });
   */
  static fromPromptId(promptId: string, options: PickUpOptions): Submission;
  readonly promptId: string;
  readonly clientId: string;
  /** The server's number for it, which orders its queue. */
  readonly number: number | null;
  /** What the server found wrong although it accepted the prompt: those outputs do not run. */
  readonly nodeErrors: NodeErrors;
  /** How far it is known to be. */
  readonly status: "submitted" | "running" | TerminalEvent["type"];
  /** What the server keeps of the finished run, once that is known. */
  readonly history: HistoryItem | null;
  /** What the nodes have shown so far. */
  readonly outputs: Outputs;
  /** Follows the run to its end: resolves on `completed` and rejects otherwise. */
  wait<Custom = {}>(options?: WaitOptions<Custom>): Promise<Submission>;
  /**
   * The events as an async iterator, which ends after the terminal one; leaving the loop stops the listening.
   *
   * @example
   * for await (const event of run.events()) console.log(event.type, event.nodes_progress);
   */
  events<Custom = {}>(options?: Omit<WaitOptions<Custom>, "onEvent">): AsyncIterableIterator<ComfyEvent<Custom>>;
  /** Takes the run out of the queue, or stops it; never anybody else's. Resolves once the server knows. */
  cancel(): Promise<void>;
  /** The files that the run made, of these kinds (`"images"`, `"gifs"`, `"audio"`, `"video"`, …) or of all. */
  fetchFiles(options?: { kinds?: readonly string[]; signal?: AbortSignal }): Promise<ResultFile[]>;
  /** The pictures that the run made. */
  fetchImages(options?: { signal?: AbortSignal }): Promise<ResultFile[]>;
}

/** A file that a run made. Its bytes are fetched when they are asked for. */
export interface ResultFile {
  filename: string;
  subfolder: string;
  /** The server's folder: `"output"` or `"temp"`. */
  type: string;
  /** The list that it was in: `"images"`, `"gifs"`, `"audio"`, … */
  kind: string;
  /** Where the server has it. */
  url: string;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array>;
}

/** A callback that prints what a run is doing. */
export function progressPrinter(options?: ProgressPrinterOptions): EventCallback;

/**
 * One callback out of several. `null` and `undefined` are skipped; when one throws, the error is reported and the others
 * are called all the same.
 */
export function chainCallbacks<Custom = {}>(
  ...callbacks: (EventCallback<Custom> | null | undefined)[]
): EventCallback<Custom>;

/** Why a call failed. The message says what to do next. */
export class ComfyError extends Error {
  private constructor();
  readonly name: "ComfyError";
  readonly code: ComfyErrorCode;
  readonly promptId?: string;
  /** The node that failed. */
  readonly nodeId?: string;
  readonly nodeType?: string;
  readonly nodeErrors?: NodeErrors;
  /** The HTTP status that the server answered with. */
  readonly status?: number;
  /** The event that ended the run. */
  readonly event?: TerminalEvent;
}

export type ComfyErrorCode =
  /** An argument or option is wrong; nothing was sent. */
  | "bad_input"
  /** No server was named. */
  | "no_server"
  /** The server cannot be reached. */
  | "network"
  /** The server answers 403: it does not let this page or extension in. */
  | "forbidden_origin"
  /** The server answers with an error of its own. */
  | "http"
  /** The key is missing, wrong or out of credits. */
  | "unauthorized"
  /** The server refuses the prompt; see `nodeErrors`. */
  | "invalid_prompt"
  /** A node failed; see `nodeId` and `event`. */
  | "execution_error"
  /** The run was stopped. */
  | "interrupted"
  /** The server knows nothing of the run any more. */
  | "vanished"
  /** `waitTimeoutMs` is over; the run goes on. */
  | "timeout"
  /** A workflow cannot become a prompt. */
  | "conversion";

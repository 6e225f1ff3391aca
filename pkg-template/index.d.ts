import type { ComfyEvent, EventCallback, TerminalEvent } from "./events.js";
import type {
  LoadOptions,
  PickUpOptions,
  ProgressPrinterOptions,
  PromptUploadOptions,
  SubmitOptions,
  UndecidedSubmitOptions,
  UploadMaskOptions,
  UploadOptions,
  WaitOptions,
} from "./options.js";
import type { HistoryItem, NodeErrors, OutputKind, Outputs, Prompt, PromptNode, WorkflowJson } from "./wire.js";

export type * from "./events.js";
export type * from "./options.js";
export type * from "./wire.js";

/** Bytes, however they are held. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** A `WebAssembly.Module`, whose type only the libraries of browsers declare. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: new (...args: any[]) => infer Module } }
  ? Module
  : object;

/** A Blob with a name, as `File` is one. */
export type NamedBlob = Blob & { readonly name: string };

/** Where the wasm comes from. */
export type WasmSource = string | URL | Response | Bytes | WasmModule;

/** The two modules of the package: `client.wasm` and `converter.wasm`. */
export interface WasmSources {
  client: WasmSource;
  converter?: WasmSource | undefined;
}

/**
 * Loads the wasm. Needed with `comfyui-autoflow/slim`, and after `internal`, to restart; otherwise it is ready on
 * import and this resolves at once, so that code can move between the entries.
 *
 * @throws {ComfyError} `bad_input` where the page's Content-Security-Policy lets no wasm run; so does every other call
 */
export function init(source?: WasmSource | WasmSources | Promise<WasmSource | WasmSources>): Promise<void>;

/** Any object, of whatever type, but a promise: that one needs `await` before it. */
export type AwaitedObject = object & { then?: never };

/**
 * What a workflow can be read from. A string is JSON text, or a URL with its scheme. Pictures and videos carry one where
 * ComfyUI saved them.
 */
export type WorkflowSource = WorkflowJson | Prompt | string | URL | Blob | Bytes | AwaitedObject;

/** Reads workflows. */
export class Workflow {
  private constructor();
  /**
   * Reads a workflow or a prompt from wherever it is, and converts the editor's form; the source stays as it is. The first
   * workflow, or file that is no prompt, loads the converter; `comfyui-autoflow/workflow` carries it.
   *
   * @throws {ComfyError} `bad_input` when there is none in it, `conversion` when it cannot become a prompt
   * @example
   * const api = await Workflow.load(file, { serverUrl: "http://127.0.0.1:8188" });
   * api.find({ classType: "KSampler" })[0].inputs.seed = 42;
   * const run = await api.submit({ serverUrl: "http://127.0.0.1:8188", wait: true });
   */
  static load<Nodes = {}>(source: WorkflowSource, options?: LoadOptions | null): Promise<ApiFlow<Nodes>>;
}

/** What {@link ApiFlow.find} looks for. */
export interface NodeQuery {
  classType?: string | null | undefined;
  title?: string | null | undefined;
  id?: string | number | null | undefined;
}

/** A node of a known class. */
export interface NodeOf<Nodes, Type extends keyof Nodes & string> {
  class_type: Type;
  inputs: Nodes[Type];
  _meta?: { title?: string; [key: string]: unknown };
}

/**
 * A path whose NODE is a known class: INPUT must be one of its inputs, or begin with one that is followed. Any other path is
 * taken as it is: NODE may be an id or a title.
 */
export type PathOf<Nodes, Path extends string> = Path extends `${infer Type}.${infer Input}`
  ? Type extends keyof Nodes
    ? Input extends (keyof Nodes[Type] & string) | `${keyof Nodes[Type] & string}.${string}`
      ? Path
      : `${Type}.${keyof Nodes[Type] & string}`
    : Path
  : Path;

/** What the input at a path takes. */
export type ValueAt<Nodes, Path extends string> = Path extends `${infer Type}.${infer Input}`
  ? Type extends keyof Nodes
    ? Input extends keyof Nodes[Type]
      ? Nodes[Type][Input]
      : unknown
    : unknown
  : unknown;

/**
 * A prompt that can be looked through, edited and submitted. `Nodes`, as `npx comfyui-autoflow types` writes it, makes
 * `find` and `set` know the inputs of each class.
 */
export class ApiFlow<Nodes = {}> {
  private constructor();
  /**
   * The prompt itself, a plain object: what is changed here is what is submitted. Integers above 2 ** 53 that came from a
   * text or a file are sent with their digits until they are changed; a copy of the object that holds one, such as a
   * `structuredClone`, has the rounded number.
   */
  readonly prompt: Prompt;
  /** The workflow that it was made of; it travels with the submission into the pictures. Null where there was none. */
  readonly workflow: WorkflowJson | null;
  /** What the conversion warned of. */
  readonly warnings: ConversionWarning[];
  /** Nodes of the workflow that did not reach the prompt. */
  readonly dropped: DroppedNode[];
  /** Values that the conversion decided: seeds of -1, texts with alternatives. */
  readonly chosen: ChosenValue[];
  /** The nodes that match all of what is given, to be edited in place. */
  find<Type extends keyof Nodes & string>(query: NodeQuery & { classType: Type }): NodeOf<Nodes, Type>[];
  find<Type extends keyof Nodes & string = never>(
    query: NodeQuery,
  ): [Type] extends [never] ? PromptNode[] : NodeOf<Nodes, Type>[];
  /** {@link submit} with this prompt. The server that it was loaded with stands in for `serverUrl`. */
  submit<Custom = {}>(options?: SubmitOptions<Custom> | null): Promise<Submission>;
  submit<Custom = {}, Wait extends boolean = boolean>(
    options: UndecidedSubmitOptions<Custom, Wait>,
  ): Promise<Submission>;
  /**
   * Uploads a file and puts its name into the only loader node that takes one of its kind, or into the one that `node`
   * and `input` name.
   *
   * @throws {ComfyError} `bad_input` where none or several fit; the message lists them
   */
  upload(file: UploadSource, options?: PromptUploadOptions | null): Promise<Upload & { node: string; input: string }>;
  upload(
    file: Blob | Bytes,
    options: PromptUploadOptions & { name: string },
  ): Promise<Upload & { node: string; input: string }>;
  /**
   * Sets an input by its path, NODE.INPUT: `"KSampler.seed"`, `"3.seed"`, `"\"v1.5 prompt\".text"`. NODE is an id, a title
   * (with dots: in double quotes) or a class; the first of these that matches decides. INPUT is an input's name, or follows
   * links: `"KSampler.positive.text"`.
   *
   * @throws {ComfyError} `bad_input` where none or several match; the message lists them
   */
  set<Path extends string>(path: PathOf<Nodes, Path>, value: ValueAt<Nodes, Path>): void;
  /** The inputs that hold seeds. */
  seeds(): ChosenInput[];
  /** Gives every seed of the prompt a new value, or this one, and returns what it set. */
  seed(value?: number): ChosenInput[];
  /** A copy with its own prompt and the same workflow. */
  clone(): ApiFlow<Nodes>;
  toJSON(): Prompt;
}

/** An input of the prompt and the value that it got. */
export interface ChosenInput {
  node: string;
  input: string;
  value: unknown;
}

/** Something that the prompt does not say the way the workflow may mean it. */
export interface ConversionWarning {
  /** The node's id in the prompt. */
  node: string;
  /** The input; empty where it is about the node as a whole. */
  input: string;
  /** Short name of the rule, for programs. */
  rule: string;
  /** What happened, for people. */
  message: string;
  /** The custom node pack whose rule speaks, or that the node comes from, where that is known. */
  pack?: string;
}

/**
 * A value that the conversion chose: the seed for a -1, which the editor chooses for every prompt, or one of the
 * alternatives of a text (`{red|green}`). Put into the workflow, it repeats the run.
 */
export interface ChosenValue {
  /** The node's id in the prompt. */
  node: string;
  /** The input. */
  input: string;
  /** What stands in the prompt. */
  value: unknown;
}

/** A node that did not reach the prompt. */
export interface DroppedNode {
  node: string;
  class_type: string;
  /** `"muted"`, `"bypassed"`, `"virtual"`, `"unknown type"`, … */
  reason: string;
  /** The custom node pack that it comes from, by its name in the registry or its repository, where that is known. */
  pack?: string;
}

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
  prompt: Prompt | ApiFlow<any> | string,
  options?: SubmitOptions<Custom> | null,
): Promise<Submission>;
export function submit<Custom = {}, Wait extends boolean = boolean>(
  prompt: Prompt | ApiFlow<any> | string,
  options: UndecidedSubmitOptions<Custom, Wait>,
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
  static fromPromptId(promptId: string, options?: PickUpOptions | null): Submission;
  readonly promptId: string;
  /** The client id that gets the events of the run: {@link Submission.fromPromptId} takes it to pick the run up. */
  readonly clientId: string;
  /** The server's address, without login. */
  readonly serverUrl: string;
  /** The server's number for it, which orders its queue. */
  readonly number: number | null;
  /** What the server found wrong although it accepted the prompt: those outputs do not run. */
  readonly nodeErrors: NodeErrors;
  /**
   * Its state, as far as it is known. `"left"`: no call follows it any more (abort, timeout); it can be waited for
   * again. `"unknown"`: it was picked up by its id, and the server has not confirmed that it knows this id.
   */
  readonly status: "submitted" | "running" | "left" | "unknown" | TerminalEvent["type"];
  /** What the server keeps of the finished run, once a probe or {@link Submission.fetchHistory} has seen it. */
  readonly history: HistoryItem | null;
  /** What the nodes have shown so far. */
  readonly outputs: Outputs;
  /**
   * Follows the run to its end: resolves on `completed` and rejects otherwise. Several may wait; when one of them aborts,
   * the run is cancelled and the others are rejected with `interrupted`. Once it has ended, `onEvent` gets the terminal
   * event alone.
   */
  wait<Custom = {}>(options?: WaitOptions<Custom> | null): Promise<Submission>;
  /**
   * The events as an async iterator, which ends after the terminal one; leaving the loop stops the listening. Aborting
   * cancels the run and rejects the iteration with the signal's reason, `waitTimeoutMs` rejects it with `timeout`.
   *
   * @example
   * for await (const event of run.events()) console.log(event.type, event.nodes_progress);
   */
  events<Custom = {}>(options?: Omit<WaitOptions<Custom>, "onEvent"> | null): AsyncIterableIterator<ComfyEvent<Custom>>;
  /** Asks the server for what it keeps of the run; null where that is nothing (yet). */
  fetchHistory(): Promise<HistoryItem | null>;
  /**
   * Takes the run out of the queue, or stops it; never anybody else's. Whoever waits for it is rejected at once with
   * `interrupted`. Resolves to whether the server had it.
   */
  cancel(): Promise<boolean>;
  /**
   * The files that the run made and the texts that it showed: saved ones first, else in the order of the prompt's nodes.
   * `kinds` chooses: by kind, or by the node's own word (`"gifs"`). Default `type`: `"all"`.
   */
  fetchFiles(
    options?: ResultSelection & { kinds?: readonly (OutputKind | (string & {}))[] | null | undefined } | null,
  ): Promise<ResultFile[]>;
  /**
   * The pictures that the run saved. Where it saved none, those that it made to be looked at, which are temporary; `type`
   * says otherwise.
   */
  fetchImages(options?: ResultSelection | null): Promise<ResultFile[]>;
  /** What {@link Submission.fromPromptId} needs to pick the run up again, and how far it is known to be. */
  toJSON(): Pick<Submission, "promptId" | "clientId" | "serverUrl" | "status">;
}

/** Which files of a run are wanted. */
export interface ResultSelection {
  /** The server's folder: what was saved, what is temporary, or both. */
  type?: "output" | "temp" | "all" | null | undefined;
  /** Only files of these nodes, by their ids. */
  nodes?: readonly string[] | null | undefined;
  signal?: AbortSignal | null | undefined;
}

/** A file that a run made, or a text that it showed. Its content is fetched when it is asked for, a few at a time. */
export class ResultFile {
  private constructor();
  /** Its name, as the server gave it; empty for a text. */
  readonly filename: string;
  readonly subfolder: string;
  /** The server's folder: `"output"`, `"temp"` or `"input"`; empty for a text. */
  readonly type: string;
  readonly kind: OutputKind;
  /** What the node listed it under: `"images"`, `"gifs"`, … */
  readonly key: string;
  readonly nodeId: string;
  /** By its extension. */
  readonly mimeType: string;
  /**
   * Where the server has it; empty for a text. Of a picture that came over the socket as a result (SaveImageWebsocket) a
   * `blob:` URL, which keeps it in memory until `URL.revokeObjectURL(url)`.
   */
  readonly url: string;
  blob(options?: FetchOptions | null): Promise<Blob>;
  bytes(options?: FetchOptions | null): Promise<Uint8Array>;
  text(options?: FetchOptions | null): Promise<string>;
  /** Its bytes as they come, for what is too large to be held. */
  stream(options?: FetchOptions | null): Promise<ReadableStream<Uint8Array>>;
  /** What it is, under the names that the server uses: `node_id` and not `nodeId`. A text has `text` and no file name. */
  toJSON(): ResultFileJson;
}

/** A {@link ResultFile} as `JSON.stringify` writes it. */
export interface ResultFileJson {
  /** This and the next three: of a file. */
  filename?: string;
  subfolder?: string;
  type?: string;
  mime_type?: string;
  /** Of a text: the text itself. */
  text?: string;
  kind: OutputKind;
  key: string;
  node_id: string;
  url: string;
}

/** How to fetch a file. */
export interface FetchOptions {
  signal?: AbortSignal | null | undefined;
  /** Told how much has come, in bytes; `total` is 0 where the server does not say. */
  onProgress?: ((loaded: number, total: number) => void) | null | undefined;
}

/** Stands where a file's name would, for the Comfy API v2 to put it there. */
export interface AssetReference {
  __type: "core/ASSET";
  info: { id: string };
}

/** Where the server put an uploaded file; not always under the name that was sent. */
export interface Upload {
  name: string;
  subfolder: string;
  type: string;
  /** What a loader node's input wants: a name; with the Comfy API v2 a reference to the asset. */
  value: string | AssetReference;
}

/**
 * What can be uploaded under its own name: a file, a file of a run (of any server), a URL (`http:`, `https:`, `blob:`)
 * or a data URL. What a URL gives is limited by `maxResponseBytes`.
 */
export type UploadSource = NamedBlob | ResultFile | URL | string;

/**
 * Uploads a picture, or any other input file.
 *
 * @example
 * const { value } = await uploadImage(file, { serverUrl: "http://127.0.0.1:8188" });
 * prompt["10"].inputs.image = value;
 */
export function uploadImage(file: UploadSource, options?: UploadOptions | null): Promise<Upload>;
export function uploadImage(file: Blob | Bytes, options: UploadOptions & { name: string }): Promise<Upload>;

/** Uploads a mask for a picture that the server has. */
export function uploadMask(file: UploadSource, options: UploadMaskOptions): Promise<Upload>;
export function uploadMask(file: Blob | Bytes, options: UploadMaskOptions & { name: string }): Promise<Upload>;

/** What {@link progressPrinter} gives: an `onEvent` for any run. */
export interface ProgressPrinter {
  (event: { type: string }): void;
  /** Closes the line of a bar whose run was given up. */
  finish(): void;
}

/** A callback that prints what a run is doing. */
export function progressPrinter(options?: ProgressPrinterOptions | null): ProgressPrinter;

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
  /** The node types that the object info does not know, with `conversion`. */
  readonly unknownTypes?: UnknownType[];
  /** The HTTP status that the server answered with. */
  readonly status?: number;
  /**
   * Of a submission that failed: whether the server has the prompt. `"unknown"` where the answer is lost and the server
   * cannot be asked.
   */
  readonly taken?: boolean | "unknown";
  /** The event that ended the run. */
  readonly event?: TerminalEvent;
  /** What was thrown underneath, such as the `TypeError` of a `fetch`. */
  readonly cause?: unknown;
  /** What mends it, for programs. */
  readonly hint?: ErrorHint;
  /** What happened, without the advice that the message ends with: for programs that advise in their own words. */
  readonly summary: string;
  /** All of it with the message, for logs. */
  toJSON(): { name: string; message: string; code: ComfyErrorCode; [detail: string]: unknown };
}

/** A node type of a workflow that the object info does not know. */
export interface UnknownType {
  /** As the workflow has it; a UUID where the definition of a subgraph is missing. */
  type: string;
  /**
   * The pack that has it, where the file says so: its id in the registry, or the owner and name of its repository;
   * `comfy-core` for ComfyUI itself, of a newer version.
   */
  pack: string | null;
  /** The ids that its nodes would have in the prompt. */
  nodes: string[];
}

/** What mends an error. */
export interface ErrorHint {
  /** The option that it is about, by its name in this package. */
  option?: string;
  /** New codes may come. */
  advice: ErrorAdvice | (string & {});
}

export type ErrorAdvice =
  /** `allowUnknown: true` converts without the nodes whose type is not known. */
  | "allow_unknown"
  /** The server refuses this page: `--enable-cors-header`, or one address for both. */
  | "allow_origin"
  /** A promise was passed: put `await` before it. */
  | "await"
  /** Is `serverUrl` right? */
  | "check_address"
  /** The server does not take `apiKey`. */
  | "check_key"
  /** The extension of the name does not fit the file. */
  | "choose_extension"
  /** An argument that is no option has a wrong value. */
  | "correct_argument"
  /** There is no such folder of models: `modelFolders()` lists them. */
  | "correct_folder"
  /** The node class has no such input, or it offers no choices. */
  | "correct_input"
  /** The option has a wrong value. */
  | "correct_option"
  /** The path of `set` names no node or input, or several. */
  | "correct_path"
  /** The server lacks the node class. */
  | "install_node_pack"
  /** A workflow was passed for a prompt: load it with `Workflow.load`. */
  | "load_workflow"
  /** The server did not confirm that the run was cancelled: cancel it once more. */
  | "may_go_on"
  /** The file exists: choose another name, or `overwrite: true`. */
  | "overwrite"
  | "pass_key"
  /** The server, or a proxy before it, wants a login: in `headers` or in `serverUrl`. */
  | "pass_login"
  | "pass_object_info"
  /** The option is missing. */
  | "pass_option"
  | "pass_server"
  /** This runtime has no WebSocket: pass one as `webSocket`. */
  | "pass_web_socket"
  /** The run may go on: `Submission.fromPromptId` with `promptId`. */
  | "pick_up"
  /** `maxResponseBytes` may be larger. */
  | "raise_limit"
  | "raise_upload_size"
  /** The call has no option of this name. */
  | "remove_option"
  /** `option` is what was meant. */
  | "rename_option"
  /** With `pattern` the target is a folder. */
  | "separate_pattern"
  /** A page served over https calls a server over http. */
  | "serve_https"
  /** Nothing answers: is the server running? */
  | "start_server"
  | "submit_again"
  /** Its certificate is not trusted. */
  | "trust_certificate"
  /** The server takes connections and does not answer. */
  | "try_again"
  | "use_http"
  | "use_https"
  /** A run of this program has the id: leave `promptId` out, or follow that run. */
  | "use_new_id"
  /** The dialect of this server lacks the call. */
  | "use_other_server"
  /** The server may still be starting: a longer `timeoutMs`. */
  | "wait_longer";

export type ComfyErrorCode =
  /** An argument or option is wrong, or the wasm is not there; nothing was sent. */
  | "bad_input"
  /** No server was named. */
  | "no_server"
  /** The server cannot be reached, or has not answered within the call's time limit. */
  | "network"
  /** The server answers 403: it does not let this page or extension in. */
  | "forbidden_origin"
  /** The server answers with an error. */
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
  /** `waitTimeoutMs` is over; the run goes on. Or a submission was not answered, or `ready` waited in vain. */
  | "timeout"
  /** An answer has more bytes than `maxResponseBytes`. */
  | "too_large"
  /** This kind of server lacks it, or the runtime has no WebSocket for it; nothing was sent. */
  | "unsupported"
  /** A workflow cannot become a prompt. */
  | "conversion"
  /** The disk refuses, or a file exists already (`comfyui-autoflow/node`). */
  | "file"
  /** The wasm trapped, which is a defect of this package; `await init()` restarts it. */
  | "internal";

export * from "./comfy-client.js";
export * from "./comfy-pool.js";

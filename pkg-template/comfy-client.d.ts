// A server as an object.
import type { ServerEvent } from "./events.js";
import type { ApiFlow, Bytes, ResultFile, Submission, Upload, UploadSource, WorkflowSource } from "./index.js";
import type {
  LoadOptions,
  PickUpOptions,
  SubmitOptions,
  UndecidedSubmitOptions,
  UploadMaskOptions,
  UploadOptions,
} from "./options.js";
import type { Outputs, Prompt } from "./wire.js";
import type { ObjectInfo } from "./workflow.js";

/** How to reach a server and how to follow the runs on it. */
export interface ComfyClientOptions extends Omit<PickUpOptions, "promptId" | "status"> {}

interface Abortable {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal | null | undefined;
}

/** How a run is on the server. */
export interface RunStatus {
  /** `"unknown"`: the server does not know the id. */
  state: "queued" | "running" | "completed" | "error" | "interrupted" | "unknown";
  /** Its place in the queue: 0 runs, 1 is next; null where it is not in the queue. */
  position: number | null;
}

/** A prompt of the queue. */
export interface QueuedPrompt {
  promptId: string;
  /** The server's number for it, which orders the queue. */
  number: number | null;
  /** 0 runs, 1 is next. */
  position: number;
  /** The client id that submitted it; null where none is known. */
  clientId: string | null;
  prompt: Prompt | null;
}

/** A run that has ended. */
export interface PastRun {
  promptId: string;
  number: number | null;
  status: "completed" | "error" | "interrupted";
  /** Unix time in seconds; null where the server does not say. */
  startedAt: number | null;
  endedAt: number | null;
  /** The files that it made, in the order of the prompt's nodes. */
  readonly files: ResultFile[];
  outputs: Outputs;
  prompt: Prompt | null;
  /**
   * The data of `execution_error` or `execution_interrupted`, `exception_message` without the line break that the server
   * ends it with; null for a completed run.
   */
  failure: Record<string, unknown> | null;
}

/** What `GET /system_stats` answers; servers may add to it. */
export interface SystemStats {
  system: { os?: string; comfyui_version?: string; python_version?: string; ram_total?: number; ram_free?: number } & Record<
    string,
    unknown
  >;
  devices: ({ name: string; type: string; index: number; vram_total: number; vram_free: number } & Record<string, unknown>)[];
}

/**
 * A server, its login and its client id: one object for its runs and for everything else that it offers.
 *
 * A call that the server's dialect lacks rejects with the code `unsupported`, and nothing is sent.
 *
 * @example
 * const comfy = new ComfyClient({ serverUrl: "http://127.0.0.1:8188" });
 * await comfy.ready();
 * const api = await comfy.load(workflow);
 * const run = await comfy.submit(api, { wait: true });
 */
export class ComfyClient {
  /** @throws {ComfyError} `no_server` or `bad_input` where the address is missing or wrong */
  constructor(options?: ComfyClientOptions | null);
  /** The server's address, without login. */
  readonly serverUrl: string;
  readonly clientId: string;
  readonly dialect: "local" | "cloud" | "v2";

  /**
   * Waits until the server answers, and gives its system stats. A refused login or origin fails at once.
   *
   * @param options `timeoutMs`: default 60000; 0 is a single try
   */
  ready(options?: (Abortable & { timeoutMs?: number | null | undefined }) | null): Promise<SystemStats>;
  /** `Workflow.load` with this server's object info. */
  load<Nodes = {}>(source: WorkflowSource, options?: LoadOptions | null): Promise<ApiFlow<Nodes>>;
  /** {@link submit} on this server. */
  submit<Custom = {}>(prompt: Prompt | ApiFlow<any> | string, options?: SubmitOptions<Custom> | null): Promise<Submission>;
  submit<Custom = {}, Wait extends boolean = boolean>(
    prompt: Prompt | ApiFlow<any> | string,
    options: UndecidedSubmitOptions<Custom, Wait>,
  ): Promise<Submission>;
  /** Uploads a file into the server's input folder: {@link uploadImage} on this server. */
  upload(file: UploadSource, options?: UploadOptions | null): Promise<Upload>;
  upload(file: Blob | Bytes, options: UploadOptions & { name: string }): Promise<Upload>;
  uploadImage(file: UploadSource, options?: UploadOptions | null): Promise<Upload>;
  uploadImage(file: Blob | Bytes, options: UploadOptions & { name: string }): Promise<Upload>;
  uploadMask(file: UploadSource, options: UploadMaskOptions): Promise<Upload>;
  uploadMask(file: Blob | Bytes, options: UploadMaskOptions & { name: string }): Promise<Upload>;

  /** Picks a run up by its id. */
  pickUp(promptId: string, options?: PickUpOptions | null): Submission;
  /** How a run is, without following it. */
  status(promptId: string, options?: Abortable | null): Promise<RunStatus>;
  /**
   * Takes a prompt out of the queue or stops it; who waits for it in this process gets `interrupted`. Resolves to whether
   * the server had it.
   */
  cancel(promptId: string): Promise<boolean>;
  /** A file of the server by its name; `type` is `"output"` where it is left out. */
  file(named: { filename: string; subfolder?: string; type?: "output" | "temp" | "input" }): ResultFile;

  /**
   * What the server's node classes are. An answer younger than `maxAgeMs` (default 60000) is used again.
   */
  objectInfo(options?: (Abortable & { maxAgeMs?: number | null | undefined }) | null): Promise<ObjectInfo>;
  /**
   * What a COMBO input of a node class offers, such as the checkpoints of `CheckpointLoaderSimple`.
   *
   * @throws {ComfyError} `bad_input` where there is no such class or input, or the input is no COMBO
   */
  choices(classType: string, input: string, options?: Abortable | null): Promise<(string | number | boolean)[]>;
  /** The names of the folders that hold models. */
  modelFolders(options?: Abortable | null): Promise<string[]>;
  /** @throws {ComfyError} `bad_input` where there is no such folder */
  models(folder: string, options?: Abortable | null): Promise<string[]>;
  hasModel(folder: string, name: string, options?: Abortable | null): Promise<boolean>;
  embeddings(options?: Abortable | null): Promise<string[]>;
  systemStats(options?: Abortable | null): Promise<SystemStats>;
  /** What the server says that it can; `{}` of one that is older than the question. */
  features(options?: Abortable | null): Promise<Record<string, unknown>>;
  /** What the server has written, as one text. */
  logs(options?: Abortable | null): Promise<string>;

  /** Which prompts run and wait, in their order. */
  queue(options?: Abortable | null): Promise<{ running: QueuedPrompt[]; pending: QueuedPrompt[] }>;
  /** The runs that have ended, the newest first; `limit` and `offset` count from there. */
  history(
    options?: (Abortable & { limit?: number | null | undefined; offset?: number | null | undefined }) | null,
  ): Promise<PastRun[]>;
  /** Takes all waiting prompts off the queue, those of others too; what runs goes on. */
  clearQueue(options?: Abortable | null): Promise<void>;
  /** Forgets runs; their files stay. */
  deleteHistory(promptIds: readonly string[] | "all", options?: Abortable | null): Promise<void>;
  /** Has the server give memory back once nothing runs. Both are `true` where they are left out. */
  free(
    options?: (Abortable & { unloadModels?: boolean | null | undefined; freeMemory?: boolean | null | undefined }) | null,
  ): Promise<void>;
  /**
   * Calls back for every event that the server's socket sends to this client: the events of all runs of its client id,
   * `status` whenever a prompt of any client is queued, begins or ends, and `connection`. Runs of this client share the
   * socket.
   *
   * @returns stops listening, as the signal does
   * @throws {ComfyError} `unsupported` where the runtime has no WebSocket and the client was given none as `webSocket`
   */
  listen<Custom = {}>(callback: (event: ServerEvent<Custom>) => void, options?: Abortable | null): () => void;
  /** The same as an async iterator, which `close()` ends. Aborting rejects with the signal's reason. */
  events<Custom = {}>(options?: Abortable | null): AsyncGenerator<ServerEvent<Custom>, void, undefined>;
  /** Ends what listens; runs go on. */
  close(): void;
  /**
   * Any other route, such as `"/extensions"`, with base path, login and explained errors; the answer as it is, whatever
   * its status. Its answer has to begin within 120 seconds.
   */
  fetch(route: string, init?: RequestInit): Promise<Response>;
  /** Address, client id and dialect; no key, no header. */
  toJSON(): { serverUrl: string; clientId: string; dialect: string };
}

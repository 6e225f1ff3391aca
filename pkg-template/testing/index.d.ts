/**
 * Starts a simulated ComfyUI server: routes, socket, queue, a small set of working nodes, and faults on request. Needs
 * no GPU and no models, but the package `ws`.
 *
 * ```js
 * import { startSimulator } from "comfyui-autoflow/testing";
 * const sim = await startSimulator({ stepMs: 0 });
 * // … submit to sim.url …
 * await sim.close();
 * ```
 */
export function startSimulator(options?: SimulatorOptions): Promise<Simulator>;

/** Options of `startSimulator`. */
export interface SimulatorOptions {
  /** Default 0: a free port. */
  port?: number;
  /** Default `127.0.0.1`. */
  host?: string;
  /** Path prefix of every route, as behind a reverse proxy: `/comfy`. */
  basePath?: string;
  /** The version to simulate: `old` is 0.3.64, `new` (the default) is 0.33.0. */
  version?: "old" | "new";
  /** `--enable-cors-header`: allow pages of any origin, which get 403 otherwise. Default false; true for a cloud. */
  cors?: boolean;
  /** `--preview-method auto`. Default true; `extra_data.preview_method` overrides it. */
  previews?: boolean;
  /** Duration of one sampler step in milliseconds. Default 20; set 0 in tests. */
  stepMs?: number;
  /** Divides every wait of nodes (`stepMs` included) and of recordings. Default 1. */
  speed?: number;
  /** Minimum time between two `progress` frames of a node in milliseconds. Default 0; new servers use 100. */
  progressIntervalMs?: number;
  /** Additional node classes by name. */
  nodes?: Record<string, NodeDefinition>;
  /** Adds {@link labNodes}, for callers that cannot pass functions. */
  lab?: boolean;
  /** Choices of the checkpoint loader, which accepts every other name too: short for `models.checkpoints`. */
  checkpoints?: string[];
  /**
   * Model files by folder, for `/models`, `/embeddings`, `/view_metadata` and the choices of loaders. A file is a name, or
   * a name with the `__metadata__` of its safetensors header.
   */
  models?: Record<string, (string | { name: string; metadata?: Record<string, string> })[]>;
  /** Start with the queue held, see {@link Simulator.pause}. */
  held?: boolean;
  /** Send every frame to every client. */
  broadcast?: boolean;
  /**
   * Whether a socket receives nothing if the previous socket with its client id was dropped, or closes later, as on real
   * servers. Default true.
   */
  deafAfterDrop?: boolean;
  /** Compress frames if the client offers it, as real servers do. Default true. */
  compress?: boolean;
  /** Maximum body size in bytes; larger bodies get 413. Default 104857600. */
  maxUploadSize?: number;
  /** Answer of `GET /features` and data of `feature_flags`. */
  features?: Record<string, unknown>;
  /** Order of output nodes, which is arbitrary on real servers. Default: as in the prompt. */
  outputOrder?: (ids: string[]) => string[];
  /** Require credentials for requests and sockets; 401 without them. */
  auth?:
    | { user: string; password: string }
    | { /** As `Authorization: Bearer` or `?token=`. */ token: string }
    | { header: string; value: string };
  /**
   * Simulate Comfy Cloud: `X-API-Key` (sockets: `?token=`), routes under `/api` only, several prompts at once, every
   * socket of an account receives all its prompts, `/api/job/{id}/status`, `/api/jobs/{id}`, `/api/history_v2/{id}`, no
   * `/history`, files behind signed URLs on another origin that refuses requests with a key, errors `{code, message}`,
   * `notification` frames. `true` accepts the keys `test-key` and `other-key`.
   */
  cloud?: true | CloudOptions;
  /**
   * Replay a recording of a real server: its answers to submissions, its frames at the recorded pace (times `speed`),
   * its history. A recording is a file path or URL, its text, or its lines as objects: `{t, kind: "text", data}`,
   * `{t, kind: "binary", b64}`, `{t, kind: "http", req, status, body, prompt?}`.
   */
  replay?: Recording | { recording: Recording; /** Use the submitted prompt id instead of the recorded one. */ rename?: boolean };
  /** Faults active from the start, by the method names of {@link Faults}: `{ muteSocket: { at: 3 } }`. `true` is `{}`. */
  faults?: { [Name in keyof FaultOptions]?: true | FaultOptions[Name] | FaultOptions[Name][] };
}

/** The accounts of a simulated cloud. */
export interface CloudOptions {
  /** By API key. */
  accounts?: Record<
    string,
    {
      /** Prompts that it may still run; then 402. Default: no limit. */
      credits?: number;
      /** Default true; false answers 429. */
      subscribed?: boolean;
    }
  >;
  /** Number of prompts that run at once. Default 4. */
  workers?: number;
}

/** A recording of a real server, see {@link SimulatorOptions.replay}. */
export type Recording = string | URL | object[];

/** Listener of a simulator event. */
export type SimulatorListener<Name extends keyof SimulatorEvents> = (value: SimulatorEvents[Name]) => void;

/** A running simulator. It is a Node `EventEmitter`. */
export interface Simulator {
  on<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;
  once<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;
  off<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;

  /** Base URL, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly host: string;
  readonly version: "old" | "new";
  /** All requests in order, socket handshakes included. */
  readonly requests: RequestNote[];
  /** All frames in order, also those that a fault kept back. */
  readonly frames: FrameNote[];
  /** Activates and clears faults. */
  readonly faults: Faults;
  /** Files of the server. */
  readonly files: Files;
  /** May be changed while it runs. */
  stepMs: number;
  /** May be changed while it runs. */
  previews: boolean;

  /** Stops the simulator; nothing is left open. */
  close(): Promise<void>;
  /** Stops as a killed process does: connections are cut; queue, history and cached results are lost; files stay. */
  stop(): Promise<void>;
  /** Starts again on the same port. */
  start(): Promise<void>;
  /** `stop`, then `start`. */
  restart(): Promise<void>;

  /** Holds the queue: no further prompt starts until `resume`. */
  pause(): void;
  resume(): void;
  /** Moves these pending prompts to the front, in this order. */
  reorder(promptIds: string[]): void;
  /** Removes a prompt, or all, from queue and history without a frame; a running prompt stops. */
  vanish(promptId?: string): void;

  /** Sends an arbitrary frame: objects as JSON, strings and bytes unchanged. To every socket without a client id. */
  sendFrame(frame: { type: string; data?: unknown } | string | Uint8Array, clientId?: string): void;
  /** Unregisters the sockets of a client, or all: they stay open and receive nothing more. */
  deafen(clientId?: string): void;
  /** Number of open sockets. */
  socketCount(clientId?: string): number;

  /**
   * Waits for the next event of a kind. `which` is a frame type, a route, a prompt id, a client id, or a predicate.
   */
  waitFor<Name extends keyof SimulatorEvents>(
    event: Name,
    which?: string | ((value: SimulatorEvents[Name]) => boolean),
  ): Promise<SimulatorEvents[Name]>;
}

/** Events of a simulator. */
export interface SimulatorEvents {
  /** A request arrived; its `status` is still 0. */
  request: RequestNote;
  /** A request was answered. */
  answer: RequestNote;
  /** A frame was addressed to a client, or to all. */
  frame: FrameNote;
  /** A client sent a message on its socket. */
  message: { clientId: string; text: string };
  /** A socket was opened. */
  socket: { clientId: string };
  /** A socket was closed. */
  socket_closed: { clientId: string; code: number };
  /** A prompt was accepted. */
  prompt_queued: { promptId: string; number: number };
  /** A prompt ended and was added to history. */
  prompt_done: { promptId: string; status: "success" | "error" };
}

/** Record of a request. */
export interface RequestNote {
  method: string;
  /** As sent, query included. */
  url: string;
  /** Path without base path, `/api` and query. */
  path: string;
  /** `POST /prompt`, `GET /history/{prompt_id}`, `GET /ws`; `GET signed file` on the cloud's file host. */
  route: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  /** The body as text; empty for uploads. */
  text: string;
  /** The parsed body, if it is JSON. */
  body: any;
  /** Status of the answer; 0 before it, and if the connection was cut. */
  status: number;
  /** Unix time in milliseconds. */
  at: number;
}

/** Record of a frame. */
export interface FrameNote {
  /** Frame type; `preview` and `progress_text` are binary. */
  type: string;
  data?: any;
  /** Client id of the receiver; null: every client. */
  clientId: string | null;
  promptId?: string;
  /** 1-based index among the frames of its prompt. */
  index?: number;
  nodeId?: string;
  text?: string;
  image?: { mimeType: string; size: number };
  /** Unix time in milliseconds. */
  at: number;
}

/**
 * Selects frames. A number selects from that frame of a prompt on (1 is `execution_start`), a string selects by type
 * (`"end"` is `executing` with node null), a function decides by itself.
 */
export type FrameChoice =
  | number
  | string
  | ((frame: {
      type: string;
      data?: any;
      promptId?: string;
      index?: number;
      nodeId?: string;
      text?: string;
    }) => boolean);

interface ForSome {
  /** Only sockets of this client. */
  clientId?: string;
  /** Only frames of this prompt. */
  promptId?: string;
}

interface Times {
  /** Number of times the fault applies before it ends by itself. */
  times?: number;
}

/** Options of each fault. */
export interface FaultOptions {
  dropSocket: ForSome &
    Times & {
      /** Drop instead of this frame. Default: now. */
      at?: FrameChoice;
      /** `destroy` (default) cuts the connection, `close` sends a close frame. */
      how?: "destroy" | "close";
      /** Code of the close frame. Default 1001. */
      code?: number;
      reason?: string;
    };
  muteSocket: ForSome & {
    /** Mute from this frame on. Default: now. */
    at?: FrameChoice;
    /** State of sockets opened later. Default `muted`. */
    reopened?: "muted" | "live";
  };
  freezeSocket: ForSome & Times & { at?: FrameChoice };
  loseFrames: ForSome & Times & { at?: FrameChoice };
  repeatFrames: ForSome & Times & { at?: FrameChoice };
  refuseSockets: Times & {
    clientId?: string;
    /** Status of the handshake's answer (default 503); `reset` cuts the connection, `hang` never answers. */
    how?: number | "reset" | "hang";
  };
  joinHandshake: Times;
  delayFrames: { ms: number; clientId?: string; at?: FrameChoice };
  splitFrames: { pieces?: number };
  packFrames: {
    /** Text between the two objects. Default: none. */
    separator?: string;
    /** Time in milliseconds that a frame waits for a second one. Default 20. */
    waitMs?: number;
  };
  garbageFrames: ForSome &
    Times & {
      /** Insert after every nth frame. Default 1. */
      every?: number;
      /** The malformed frames to send, in turn. */
      garbage?: (string | Uint8Array)[];
    };
  foreignFrames: ForSome & Times & { every?: number };
  failRequests: Times & {
    /** Such as `POST /prompt` or `GET /history/{prompt_id}`; default: any. `times` defaults to 1. */
    route?: string | ((request: { method: string; path: string; route: string }) => boolean);
    /**
     * A status (default 500), `html` (a 502 page of a proxy), `reset` (of the connection), `cut` (within the body),
     * `garbage` (200 without JSON), `hang` (no answer), or a custom answer.
     */
    how?:
      | number
      | "html"
      | "reset"
      | "cut"
      | "garbage"
      | "hang"
      | {
          status?: number;
          headers?: Record<string, string>;
          body?: unknown;
        };
  };
  delayAnswer: Times & {
    /** As in `failRequests`. `times` defaults to 1. */
    route?: string | ((request: { method: string; path: string; route: string }) => boolean);
    ms?: number;
    /** Delay until this frame was sent. */
    until?: FrameChoice;
  };
  failNode: Times & {
    /** Node id. Default: any. */
    node?: string | number;
    classType?: string;
    promptId?: string;
    message?: string;
    /** Python exception type. Default `RuntimeError`. */
    type?: string;
    /** Progress step at which it fails. Default: before the first. */
    atStep?: number;
    /** Block the nodes behind it instead: an `execution_error` that does not end the run. */
    blocked?: boolean;
  };
  holdRun: Times & {
    promptId?: string;
    /** Hold after this frame. Default: the first. */
    at?: FrameChoice;
    ms?: number;
    until?: FrameChoice;
  };
  delayQueueLeave: Times & { promptId?: string; ms?: number; until?: FrameChoice };
}

/**
 * Activates faults. Each method returns a handle; several faults can be active. A fault ends after `times`
 * applications or by `clear`.
 */
export interface Faults {
  /** Drops sockets, at a frame or now. Default: once. */
  dropSocket(options?: FaultOptions["dropSocket"]): Fault;
  /** Sockets stay open and transmit nothing. */
  muteSocket(options?: FaultOptions["muteSocket"]): Fault;
  /**
   * Sockets stop as if a cable was pulled: nothing is sent, nothing is read, and a close frame is not answered. Default:
   * once.
   */
  freezeSocket(options?: FaultOptions["freezeSocket"]): Fault;
  /** Frames are lost. */
  loseFrames(options?: FaultOptions["loseFrames"]): Fault;
  /** Frames are sent twice. */
  repeatFrames(options?: FaultOptions["repeatFrames"]): Fault;
  /** Socket handshakes are refused. */
  refuseSockets(options?: FaultOptions["refuseSockets"]): Fault;
  /** The first frames arrive in one packet with the handshake. */
  joinHandshake(options?: FaultOptions["joinHandshake"]): Fault;
  /** Frames are delayed, in order. */
  delayFrames(options: FaultOptions["delayFrames"]): Fault;
  /** Each message is fragmented into several WebSocket frames. */
  splitFrames(options?: FaultOptions["splitFrames"]): Fault;
  /** Two JSON objects share one text frame. */
  packFrames(options?: FaultOptions["packFrames"]): Fault;
  /** Malformed frames are inserted. */
  garbageFrames(options?: FaultOptions["garbageFrames"]): Fault;
  /** Frames of prompts of other clients are inserted. */
  foreignFrames(options?: FaultOptions["foreignFrames"]): Fault;
  /** Requests fail. Default: the next one. */
  failRequests(options?: FaultOptions["failRequests"]): Fault;
  /** Answers are delayed, their effects are not. With neither `ms` nor `until`: until released. */
  delayAnswer(options?: FaultOptions["delayAnswer"]): Fault;
  /** A node raises an exception. Default: each time. */
  failNode(options?: FaultOptions["failNode"]): Fault;
  /** A run halts after a frame. With neither `ms` nor `until`: until released. Default: once. */
  holdRun(options?: FaultOptions["holdRun"]): Fault;
  /** Delays history after `execution_success`. With neither `ms` nor `until`: until released. */
  delayQueueLeave(options?: FaultOptions["delayQueueLeave"]): Fault;

  /** Ends the faults of one name, or all. */
  clear(name?: keyof FaultOptions): void;
  /** Releases what the faults of one name, or all, hold back. */
  release(name?: keyof FaultOptions): void;
  /** How often the faults of one name, or all, have applied. */
  hits(name?: keyof FaultOptions): number;
  /** Waits until an already activated fault of that name has applied. */
  happened(name: keyof FaultOptions): Promise<void>;
}

/** Handle of an active fault. */
export interface Fault {
  readonly name: string;
  /** How often the fault has applied. */
  readonly hits: number;
  readonly active: boolean;
  /** Resolves when the fault applies for the first time. */
  readonly happened: Promise<unknown>;
  /** Releases what the fault holds back, and ends it. */
  release(): void;
  /** Ends the fault. */
  clear(): void;
}

/** Files of the server, kept in memory. */
export interface Files {
  read(type: "output" | "temp" | "input", subfolder: string, name: string): Uint8Array | undefined;
  write(type: "output" | "temp" | "input", subfolder: string, name: string, bytes: Uint8Array): void;
  /** Sorted paths, subfolders included. */
  list(type: "output" | "temp" | "input"): string[];
}

/** An input as in `/object_info`: a type or a list of choices, then its options. `lazy` is one of the options. */
export type InputConfig = [type: string | unknown[], options?: Record<string, unknown>];

/** A node class. */
export interface NodeDefinition {
  input?: {
    required?: Record<string, InputConfig>;
    optional?: Record<string, InputConfig>;
    hidden?: Record<string, unknown>;
  };
  output?: string[];
  output_name?: string[];
  output_is_list?: boolean[];
  output_tooltips?: string[];
  /** Whether it is an output node. */
  output_node?: boolean;
  category?: string;
  display_name?: string;
  description?: string;
  python_module?: string;
  search_aliases?: string[];
  /** Choices computed on request. */
  choices?: Record<string, (sim: Simulator) => unknown[]>;
  /** Replaces the general checks of an input; a string is the error. */
  validate?: Record<string, (value: any, sim: Simulator) => true | string>;
  /** Value that becomes part of the cache key; a new value each time disables caching. */
  is_changed?: (inputs: Map<string, unknown>) => unknown;
  /** Whether the node id is part of the cache key. */
  hidden_unique_id?: boolean;
  /** Names of the lazy inputs that the node needs; an input without a value yet is undefined. */
  check_lazy_status?: (inputs: Record<string, any>) => string[];
  /** Executes the node. An exception fails the prompt; the error's name is its Python type. */
  run?: (context: NodeContext) => NodeResult | Promise<NodeResult>;
}

/**
 * Result of a node: its outputs in order; or `result` with `ui`, the `output` of the `executed` frame; or `expand`, the
 * nodes that it expands into, to whose outputs `result` links: `[id, slot]`.
 */
export type NodeResult =
  | unknown[]
  | {
      result?: unknown[];
      ui?: Record<string, unknown[]>;
      expand?: Record<string, { class_type: string; inputs: Record<string, unknown> }>;
    }
  | void;

/** Rows of 8-bit samples: 1 channel is grey, 3 RGB, 4 RGBA. An IMAGE is a list of pictures, a MASK of grey ones. */
export interface Picture {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** Argument of a node's `run`. */
export interface NodeContext {
  /** Values and outputs of linked nodes. Integers above 2^53 are BigInts. */
  readonly inputs: Record<string, any>;
  readonly nodeId: string;
  readonly classType: string;
  readonly promptId: string;
  /** The whole prompt; keys keep the order in which they were sent. */
  readonly prompt: Map<string, any>;
  readonly extraData: Map<string, any>;
  readonly files: Files;
  readonly stepMs: number;
  /** Whether previews are on. */
  readonly previews: boolean;
  /** Aborts when the prompt is dropped. After an interruption the next `progress` throws. */
  readonly signal: AbortSignal;
  /** Reports progress. A picture is sent as a preview if previews are on, an encoded image always. */
  progress(value: number, max: number, preview?: Picture | { bytes: Uint8Array; mimeType: string }): Promise<void>;
  /** Sends a progress text of the node (a binary frame of type 3, to every client). */
  text(text: string): void;
  /** Waits `ms / speed` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** An output that blocks the nodes behind it; with a message, an `execution_error` that does not end the run. */
  block(message?: string | null): unknown;
  /** Id of a node that this one creates by `expand`: `12.0.0.1`. */
  innerId(name: string | number): string;
  /** Saves a file under the next free number of a prefix, which may contain a folder. Returns an entry of `images`. */
  save(
    type: "output" | "temp",
    prefix: string,
    extension: string,
    bytes: Uint8Array,
  ): { filename: string; subfolder: string; type: string };
}

/** The built-in node classes. */
export const builtInNodes: Record<string, NodeDefinition>;

/** Test nodes: progress with previews, exceptions, silence, text, lazy inputs, expansion, blocked outputs. */
export const labNodes: Record<string, NodeDefinition>;

/** A small PNG, for tests of uploads. */
export function samplePng(width?: number, height?: number): Uint8Array;

/** Encodes a PNG, with optional text chunks. */
export function encodePng(picture: Picture, options?: { text?: Record<string, string>; level?: number }): Uint8Array;

/** Decodes an 8-bit PNG without interlacing. Grey and palette images become RGB. */
export function decodePng(bytes: Uint8Array): Picture;

/** The text chunks of a PNG, such as `prompt` and `workflow`. */
export function pngText(bytes: Uint8Array): Record<string, string>;

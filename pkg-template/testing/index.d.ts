/**
 * Starts a simulated ComfyUI on this machine: its routes, its socket, its queue, a small set of nodes that run for
 * real, and everything that goes wrong with a real one, on request. No GPU, no models. Needs the package `ws`.
 *
 * ```js
 * import { startSimulator } from "comfyui-autoflow/testing";
 * const sim = await startSimulator({ stepMs: 0 });
 * // … submit to sim.url …
 * await sim.close();
 * ```
 */
export function startSimulator(options?: SimulatorOptions): Promise<Simulator>;

/** How a simulated server is started. */
export interface SimulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Default `127.0.0.1`. */
  host?: string;
  /** A path in front of every route, as behind a reverse proxy: `/comfy`. */
  basePath?: string;
  /** Which server it is like: `old` is 0.3.64, `new` (the default) 0.33.0. */
  version?: "old" | "new";
  /** `--enable-cors-header`: pages of any origin may call. Default false, they get 403; for a cloud true. */
  cors?: boolean;
  /** Whether previews are on (`--preview-method auto`). Default true; `extra_data.preview_method` overrides it. */
  previews?: boolean;
  /** How long the sampler takes for one step, in milliseconds. Default 20; tests want 0. */
  stepMs?: number;
  /** Divides every wait of a node, also `stepMs`, and those of a recording. Default 1. */
  speed?: number;
  /** The shortest time between two `progress` frames of a node. Default 0; the newest servers have 100. */
  progressIntervalMs?: number;
  /** Nodes beside the built-in ones, by class. */
  nodes?: Record<string, NodeDefinition>;
  /** Adds {@link labNodes}, where a function cannot be handed over. */
  lab?: boolean;
  /** Names that the checkpoint loader lists. It takes every other name as well. */
  checkpoints?: string[];
  /** Starts with the queue held, see {@link Simulator.pause}. */
  held?: boolean;
  /** Every frame goes to every client, whoever submitted. */
  broadcast?: boolean;
  /**
   * Whether a socket is deaf (open, never spoken to) when its predecessor under the same client id was dropped or is
   * closed only later, as on real servers. Default true.
   */
  deafAfterDrop?: boolean;
  /** Whether frames are compressed when the client offers it. Default true, as on real servers. */
  compress?: boolean;
  /** The largest body, in bytes. Default 104857600; above it 413. */
  maxUploadSize?: number;
  /** What the server says of itself in `feature_flags` and `GET /features`. */
  features?: Record<string, unknown>;
  /** The order in which outputs are run, which on real servers is arbitrary. Default: as in the prompt. */
  outputOrder?: (ids: string[]) => string[];
  /** Asks for a login, in requests and on the socket: 401 without. */
  auth?:
    | { user: string; password: string }
    | { /** As `Authorization: Bearer` or `?token=`. */ token: string }
    | { header: string; value: string };
  /**
   * Is Comfy Cloud instead of a server on this machine: `X-API-Key` (on the socket `?token=`), routes under `/api`
   * only, several prompts at once, every socket of an account hears all its prompts, `/api/job/{id}/status`,
   * `/api/jobs/{id}`, `/api/history_v2/{id}`, no `/history`, files behind signed addresses on another origin that
   * refuses requests carrying a key, errors `{code, message}`, `notification` frames. `true` knows the keys `test-key`
   * and `other-key`.
   */
  cloud?: true | CloudOptions;
  /**
   * Says what a real server said: answers submissions as recorded, sends the recorded frames under the recorded prompt
   * id at the recorded pace (`speed` times as fast), and has the recorded history. A recording is a file's path or URL,
   * its text, or its lines as objects: `{t, kind: "text", data}`, `{t, kind: "binary", b64}`,
   * `{t, kind: "http", req, status, body, prompt?}`.
   */
  replay?: Recording | { recording: Recording; /** Under the prompt id that is asked for. */ rename?: boolean };
  /** Misbehaviours from the start on, by the names of {@link Faults}: `{ muteSocket: { at: 3 } }`. `true` is `{}`. */
  faults?: { [Name in keyof FaultOptions]?: true | FaultOptions[Name] | FaultOptions[Name][] };
}

/** The accounts of a simulated cloud. */
export interface CloudOptions {
  /** By API key. */
  accounts?: Record<
    string,
    {
      /** How many prompts it may still run; without any 402. Default: no limit. */
      credits?: number;
      /** If false, 429. */
      subscribed?: boolean;
    }
  >;
  /** How many prompts run at once. Default 4. */
  workers?: number;
}

/** A recording of a real server, see {@link SimulatorOptions.replay}. */
export type Recording = string | URL | object[];

/** What is called with each event of one name. */
export type SimulatorListener<Name extends keyof SimulatorEvents> = (value: SimulatorEvents[Name]) => void;

/** A running simulator: an `EventEmitter` of Node, of which this declares what listening takes. */
export interface Simulator {
  on<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;
  once<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;
  off<Name extends keyof SimulatorEvents>(event: Name, listener: SimulatorListener<Name>): this;

  /** Where clients find it: no slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly host: string;
  readonly version: "old" | "new";
  /** Everything that was asked, sockets included, in order. */
  readonly requests: RequestNote[];
  /** Every frame that was meant for someone, in order, whether or not a misbehaviour kept it back. */
  readonly frames: FrameNote[];
  /** The misbehaviours. */
  readonly faults: Faults;
  /** The server's folders. */
  readonly files: Files;
  /** May be changed while it runs. */
  stepMs: number;
  /** May be changed while it runs. */
  previews: boolean;

  /** Ends it; nothing is left open. */
  close(): Promise<void>;
  /** Goes down as a killed process: connections cut, queue, history and kept results lost. Files stay. */
  stop(): Promise<void>;
  /** Comes up again on the same port. */
  start(): Promise<void>;
  /** `stop`, then `start`. */
  restart(): Promise<void>;

  /** Starts no further prompt until `resume`. */
  pause(): void;
  resume(): void;
  /** Runs waiting prompts in this order, before all others. */
  reorder(promptIds: string[]): void;
  /** Forgets a prompt, or all, in queue and history; one that runs stops. No frame tells of it. */
  vanish(promptId?: string): void;

  /** Sends a frame of your own: an object as JSON, text and bytes as they stand. To all without a client id. */
  sendFrame(frame: { type: string; data?: unknown } | string | Uint8Array, clientId?: string): void;
  /** Makes the open sockets of a client, or of all, deaf: they stay open and hear nothing more. */
  deafen(clientId?: string): void;
  /** How many sockets are open. */
  socketCount(clientId?: string): number;

  /**
   * Waits for something to happen from now on. `which` is a frame's type, a request's route, a prompt's id, a client
   * id, or a function.
   */
  waitFor<Name extends keyof SimulatorEvents>(
    event: Name,
    which?: string | ((value: SimulatorEvents[Name]) => boolean),
  ): Promise<SimulatorEvents[Name]>;
}

/** What a simulator emits. */
export interface SimulatorEvents {
  /** A request came in; `status` is still 0. */
  request: RequestNote;
  /** It was answered. */
  answer: RequestNote;
  /** A frame was meant for someone. */
  frame: FrameNote;
  /** A client said something on its socket. */
  message: { clientId: string; text: string };
  /** A socket was opened. */
  socket: { clientId: string };
  /** A socket was closed. */
  socket_closed: { clientId: string; code: number };
  /** A prompt was accepted. */
  prompt_queued: { promptId: string; number: number };
  /** A prompt ended and is in history. */
  prompt_done: { promptId: string; status: "success" | "error" };
}

/** One request, as values. */
export interface RequestNote {
  method: string;
  /** As sent, with the query. */
  url: string;
  /** Without base path, `/api` and query. */
  path: string;
  /** `POST /prompt`, `GET /history/{prompt_id}`, `GET /ws`; `GET signed file` at the cloud's store. */
  route: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  /** The body as text; empty for uploads. */
  text: string;
  /** The body as JSON, where it is JSON. */
  body: any;
  /** The status answered; 0 before that, and when the connection was cut instead. */
  status: number;
  /** Unix time in milliseconds. */
  at: number;
}

/** One frame, as values. */
export interface FrameNote {
  /** Its type; `preview` and `progress_text` are binary. */
  type: string;
  data?: any;
  /** Whom it was for; null: everyone. */
  clientId: string | null;
  promptId?: string;
  /** Its place among the frames about its prompt, from 1. */
  index?: number;
  nodeId?: string;
  text?: string;
  image?: { mimeType: string; size: number };
  /** Unix time in milliseconds. */
  at: number;
}

/**
 * Which frame: a number counts the frames about a prompt (1 is `execution_start`; that one and all after it), a text
 * is a type (`"end"`: `executing` with node null), a function decides itself.
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
  /** How often it strikes before it ends by itself. */
  times?: number;
}

/** What each misbehaviour can be told. */
export interface FaultOptions {
  dropSocket: ForSome &
    Times & {
      /** Instead of this frame; at once if left out. */
      at?: FrameChoice;
      /** `destroy` (default) cuts the connection, `close` says goodbye. */
      how?: "destroy" | "close";
      /** Of the goodbye, default 1001. */
      code?: number;
      reason?: string;
    };
  muteSocket: ForSome & {
    /** From this frame on; at once if left out. */
    at?: FrameChoice;
    /** Whether sockets that are opened later hear something. Default `muted`. */
    reopened?: "muted" | "live";
  };
  freezeSocket: ForSome & Times & { at?: FrameChoice };
  loseFrames: ForSome & Times & { at?: FrameChoice };
  repeatFrames: ForSome & Times & { at?: FrameChoice };
  refuseSockets: Times & {
    clientId?: string;
    /** The status answered to the handshake, default 503; `reset` cuts the connection, `hang` never answers. */
    how?: number | "reset" | "hang";
  };
  joinHandshake: Times;
  delayFrames: { ms: number; clientId?: string; at?: FrameChoice };
  splitFrames: { pieces?: number };
  packFrames: {
    /** What stands between the two. Default nothing. */
    separator?: string;
    /** How long a frame waits for a second one. Default 20. */
    waitMs?: number;
  };
  garbageFrames: ForSome &
    Times & {
      /** After every so many frames. Default 1. */
      every?: number;
      /** What is sent, in turn. */
      garbage?: (string | Uint8Array)[];
    };
  foreignFrames: ForSome & Times & { every?: number };
  failRequests: Times & {
    /** `POST /prompt`, `GET /history/{prompt_id}`; any if left out. `times` is 1 by default. */
    route?: string | ((request: { method: string; path: string; route: string }) => boolean);
    /**
     * A status (default 500), `html` (a proxy's 502 page), `reset` (the connection), `cut` (in the middle of the
     * body), `garbage` (200 and no JSON), `hang` (no answer at all), or an answer of your own.
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
    /** As in `failRequests`. `times` is 1 by default. */
    route?: string | ((request: { method: string; path: string; route: string }) => boolean);
    ms?: number;
    /** Until this frame was sent. */
    until?: FrameChoice;
  };
  failNode: Times & {
    /** The node's id; any if left out. */
    node?: string | number;
    classType?: string;
    promptId?: string;
    message?: string;
    /** The Python exception, default `RuntimeError`. */
    type?: string;
    /** At this step of its progress; before the first if left out. */
    atStep?: number;
    /** Blocks what is behind it instead, where there is an `execution_error` that is not the end. */
    blocked?: boolean;
  };
  holdRun: Times & {
    promptId?: string;
    /** After this frame; at its first if left out. */
    at?: FrameChoice;
    ms?: number;
    until?: FrameChoice;
  };
  delayQueueLeave: Times & { promptId?: string; ms?: number; until?: FrameChoice };
}

/**
 * The misbehaviours. Each method switches one on and answers with its handle; several may be on. They end when their
 * `times` are used up, by `clear`, or never.
 */
export interface Faults {
  /** Drops sockets, at a frame or now. Once, if not told otherwise. */
  dropSocket(options?: FaultOptions["dropSocket"]): Fault;
  /** Sockets stay open and say nothing. */
  muteSocket(options?: FaultOptions["muteSocket"]): Fault;
  /**
   * Sockets whose other end is gone without a word, as when a cable is pulled: nothing is sent, nothing is read, and a
   * goodbye is not answered. Once, if not told otherwise.
   */
  freezeSocket(options?: FaultOptions["freezeSocket"]): Fault;
  /** Frames that never arrive. */
  loseFrames(options?: FaultOptions["loseFrames"]): Fault;
  /** Frames that arrive twice. */
  repeatFrames(options?: FaultOptions["repeatFrames"]): Fault;
  /** Handshakes that are turned away. */
  refuseSockets(options?: FaultOptions["refuseSockets"]): Fault;
  /** The first frames come in one packet with the handshake. */
  joinHandshake(options?: FaultOptions["joinHandshake"]): Fault;
  /** Frames come late, in order. */
  delayFrames(options: FaultOptions["delayFrames"]): Fault;
  /** Each message comes in several WebSocket frames. */
  splitFrames(options?: FaultOptions["splitFrames"]): Fault;
  /** Two JSON objects in one text frame. */
  packFrames(options?: FaultOptions["packFrames"]): Fault;
  /** Frames nobody can make sense of between the others. */
  garbageFrames(options?: FaultOptions["garbageFrames"]): Fault;
  /** Frames of prompts nobody here submitted between the others. */
  foreignFrames(options?: FaultOptions["foreignFrames"]): Fault;
  /** Requests that fail. The next one, if not told otherwise. */
  failRequests(options?: FaultOptions["failRequests"]): Fault;
  /** Answers that come late, though what they tell has happened. With neither `ms` nor `until`: when released. */
  delayAnswer(options?: FaultOptions["delayAnswer"]): Fault;
  /** A node that raises: each time, if `times` does not say how often. */
  failNode(options?: FaultOptions["failNode"]): Fault;
  /** A run that stands still after a frame. With neither `ms` nor `until`: until released. Once by default. */
  holdRun(options?: FaultOptions["holdRun"]): Fault;
  /** Time between `execution_success` and history. With neither `ms` nor `until`: when released. */
  delayQueueLeave(options?: FaultOptions["delayQueueLeave"]): Fault;

  /** Ends those of one name, or all. */
  clear(name?: keyof FaultOptions): void;
  /** Lets go what those of one name, or all, hold back. */
  release(name?: keyof FaultOptions): void;
  /** How often those of one name, or all, have struck. */
  hits(name?: keyof FaultOptions): number;
  /** Waits until one of that name, already switched on, has struck. */
  happened(name: keyof FaultOptions): Promise<void>;
}

/** One misbehaviour. */
export interface Fault {
  readonly name: string;
  /** How often it has struck. */
  readonly hits: number;
  readonly active: boolean;
  /** Resolves when it strikes for the first time. */
  readonly happened: Promise<unknown>;
  /** Lets go what it holds back, and ends it. */
  release(): void;
  /** Ends it. */
  clear(): void;
}

/** The server's folders, in memory. */
export interface Files {
  read(type: "output" | "temp" | "input", subfolder: string, name: string): Uint8Array | undefined;
  write(type: "output" | "temp" | "input", subfolder: string, name: string, bytes: Uint8Array): void;
  /** Paths, subfolders included, in order. */
  list(type: "output" | "temp" | "input"): string[];
}

/** An input as `/object_info` writes it: a type, or a list of choices, then its options. */
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
  /** Whether prompts end in it. */
  output_node?: boolean;
  category?: string;
  display_name?: string;
  description?: string;
  python_module?: string;
  search_aliases?: string[];
  /** Lists of choices made when they are asked for. */
  choices?: Record<string, (sim: Simulator) => unknown[]>;
  /** Checks of an input in place of the general ones; a text says what is wrong. */
  validate?: Record<string, (value: any, sim: Simulator) => true | string>;
  /** Joins what a kept result is found by; a new value each time means: never kept. */
  is_changed?: (inputs: Map<string, unknown>) => unknown;
  /** Results are not shared with a node of another id. */
  hidden_unique_id?: boolean;
  /** What it does. Whatever it throws fails the prompt; the name of the error is its Python type. */
  run?: (context: NodeContext) => NodeResult | Promise<NodeResult>;
}

/**
 * What a node gives: its outputs in order, or with what it shows (`ui`, the `output` of the `executed` frame), or the
 * nodes that take its place (`expand`, whose outputs `result` links to: `[id, slot]`).
 */
export type NodeResult =
  | unknown[]
  | {
      result?: unknown[];
      ui?: Record<string, unknown[]>;
      expand?: Record<string, { class_type: string; inputs: Record<string, unknown> }>;
    }
  | void;

/** Rows of 8-bit samples; 1 channel is grey, 3 RGB, 4 RGBA. An IMAGE is a list of pictures, a MASK of grey ones. */
export interface Picture {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** What a node's `run` is given. */
export interface NodeContext {
  /** Values, and the outputs of linked nodes. Integers past 2^53 are BigInts. */
  readonly inputs: Record<string, any>;
  readonly nodeId: string;
  readonly classType: string;
  readonly promptId: string;
  /** The whole prompt, keys in the order sent. */
  readonly prompt: Map<string, any>;
  readonly extraData: Map<string, any>;
  readonly files: Files;
  readonly stepMs: number;
  /** Whether previews are wanted. */
  readonly previews: boolean;
  /** Fires when the prompt is dropped. An interruption shows at the next `progress`, which throws. */
  readonly signal: AbortSignal;
  /** Tells how far the node is, with a preview if one is given: a picture, or an encoded one. */
  progress(value: number, max: number, preview?: Picture | { bytes: Uint8Array; mimeType: string }): Promise<void>;
  /** Shows a text at the node (a binary frame of type 3, to everyone). */
  text(text: string): void;
  /** Waits; the simulator's `speed` divides it. */
  sleep(ms: number): Promise<void>;
  /** An output that stops what is behind it; with a message, an `execution_error` that is not the end. */
  block(message?: string | null): unknown;
  /** The id of a node that this one creates: `12.0.0.1`. */
  innerId(name: string | number): string;
  /** Keeps a file under the next free number of a prefix, which may name a folder. Answers what `images` lists. */
  save(
    type: "output" | "temp",
    prefix: string,
    extension: string,
    bytes: Uint8Array,
  ): { filename: string; subfolder: string; type: string };
}

/** The nodes every simulator has. */
export const builtInNodes: Record<string, NodeDefinition>;

/** Nodes for tests: progress with previews, an exception, silence, text, nodes made while running, a blocked output. */
export const labNodes: Record<string, NodeDefinition>;

/** The bytes of a small PNG, for those who need a file to upload. */
export function samplePng(width?: number, height?: number): Uint8Array;

/** Writes a PNG, with text chunks if given. */
export function encodePng(picture: Picture, options?: { text?: Record<string, string>; level?: number }): Uint8Array;

/** Reads an 8-bit PNG that is not interlaced; grey and palette become RGB. */
export function decodePng(bytes: Uint8Array): Picture;

/** The text chunks of a PNG, such as `prompt` and `workflow`. */
export function pngText(bytes: Uint8Array): Record<string, string>;

// The events that a run's callback receives.
import type { HistoryItem, HistoryStatus, NodeErrors, NodeOutput, Outputs } from "./wire.js";

/** What every event carries beside its `type` and `data`. Plain values: events survive `structuredClone` and JSON. */
export interface EventFields {
  /** When the event was made: Unix time in seconds, with fractions. */
  ts: number;
  client_id: string;
  prompt_id: string;
  /**
   * Absent where the socket said it; otherwise what was asked because the socket did not: the history of the run, or the
   * server's queue.
   */
  detected_by?: "history" | "queue";
  /**
   * The node that is executing; null before the first one and between two. Of a node that another one expanded into while
   * running, that other one: it is in `nodes_total` wherever that is known.
   */
  node_current: string | null;
  /**
   * Every node of the prompt, also those that the run does not need: each after all that it depends on. Nodes made while
   * running do not join them. Empty where the prompt is not known yet: a run that was picked up by its id.
   */
  nodes_total: readonly string[];
  /** Nodes that have run in this run. */
  nodes_completed: readonly string[];
  /** Nodes that did not run: cached ones, and ancestors of a finished node that were not seen running. */
  nodes_skipped: readonly string[];
  /** Completed and skipped nodes. */
  nodes_done: readonly string[];
  /** Percent of the current node, a whole number, 0–100; 0 where it reports no steps. */
  node_progress: number;
  /** Steps of the current node done so far. */
  node_progress_value: number;
  /** Steps of the current node in all; 0 where it reports none. */
  node_progress_max: number;
  /** Part of the whole prompt, 0–1. Never falls; 1 at `completed`. */
  nodes_progress: number;
  /** Title of the current node in the prompt (`_meta.title`); null where it has none. */
  node_title: string | null;
  /** Class of the current node; null where the prompt is not known. */
  node_type: string | null;
  /**
   * When the prompt was submitted: Unix time in seconds. Of a run that was picked up by its id, when it was: this and the
   * times below count from there.
   */
  time_submitted: number;
  /** Seconds from the submission until the run was seen to have begun, or until now while it waits. */
  time_queued_s: number;
  /** Seconds since the submission. */
  time_elapsed_s: number;
  /** Seconds that the current node has been executing; 0 where none is. */
  node_execution_time_s: number;
}

/** A text frame as the server sent it, parsed; `null` where an event was not made from one. */
export type RawFrame = { type: string; data?: any; [key: string]: any } | null;

/** The answer of the server about a run whose end did not come over the socket. */
export interface RawHistory<Type extends string> {
  type: Type;
  data: HistoryItem;
}

interface OfPrompt {
  prompt_id: string;
  /** Milliseconds of Unix time, on the server's clock. */
  timestamp?: number;
}

/** One node in a `progress_state` event. */
export interface NodeState {
  value: number;
  max: number;
  state: "pending" | "running" | "finished" | "error" | (string & {});
  node_id: string;
  prompt_id?: string;
  display_node_id?: string;
  parent_node_id?: string | null;
  real_node_id?: string;
}

/** Why a run failed. */
export interface ExecutionError extends OfPrompt {
  node_id?: string;
  node_type?: string;
  /** Nodes that had run before. */
  executed?: string[];
  /** As the server sends it: it ends with a line break. */
  exception_message: string;
  exception_type?: string;
  traceback?: string[];
  current_inputs?: Record<string, unknown>;
  current_outputs?: unknown;
}

/** What an end that was read in the history carries on top: the item's own fields, as far as the server wrote them. */
export interface FromHistory {
  status?: HistoryStatus | null;
  outputs?: Outputs;
  meta?: Record<string, unknown>;
  /** As it stood in the queue, see {@link HistoryItem}; Comfy Cloud has an object here. */
  prompt?: unknown;
}

/** The frame of the end, or the item of the history. */
export interface CompletedData extends FromHistory {
  prompt_id?: string;
  node?: null;
  /** Milliseconds of Unix time, on the server's clock. */
  timestamp?: number;
}

/** Why a run failed: a node did. A history without messages says nothing but that. */
export interface NodeFailure extends Partial<ExecutionError>, FromHistory {
  code?: undefined;
  message?: undefined;
}

/** What is not there when no node has failed; said, so that it can be asked for without telling them apart first. */
interface NoNode {
  node_id?: undefined;
  node_type?: undefined;
  executed?: undefined;
  exception_message?: undefined;
  exception_type?: undefined;
  traceback?: undefined;
  outputs?: undefined;
}

/** Why nothing more is known of a run. `raw` is null. */
export type LostRun =
  /** The server knows nothing of it any more: neither its queue nor its history has it. */
  | (NoNode & { code: "vanished"; message: string; status?: undefined })
  /** The server stayed unreachable. */
  | (NoNode & { code: "network"; message: string; status?: undefined })
  /** The server refuses to say: the HTTP status, 401 or 403. */
  | (NoNode & { code: "unauthorized"; message: string; status: number });

/** Who stopped a run, as far as that is known. */
export type InterruptedData =
  /** The server's frame, or what the history says of it. */
  | (Partial<OfPrompt> &
      FromHistory & {
        code?: undefined;
        message?: undefined;
        /** The node that was executing. */
        node_id?: string;
        node_type?: string;
        /** Nodes that had run before. */
        executed?: string[];
      })
  /** The caller's own `cancel()`. `raw` is null. */
  | (NoNode & { code: "cancelled"; message: string; status?: undefined });

/** The `data` of each type of event. */
export interface EventData {
  /** The server has accepted the prompt: an empty object. What it answered is in the `Submission`. */
  submitted: {};
  /** How many prompts wait; sent to every client. */
  status: { status: { exec_info: { queue_remaining: number } }; sid?: string };
  execution_start: OfPrompt;
  /** Nodes whose results the server still had. */
  execution_cached: OfPrompt & { nodes: string[] };
  /** A node begins, or with `null` none is left. */
  executing: { node: string | null; display_node?: string; prompt_id?: string };
  /** A step of the current node. */
  progress: { value: number; max: number; node?: string; prompt_id?: string };
  /** All nodes that have begun, each time the whole list. An entry is frozen, and shared by events until it changes. */
  progress_state: { prompt_id: string; nodes: Record<string, Readonly<NodeState>> };
  /** A node showed something. */
  executed: { node: string; display_node?: string; output: NodeOutput | null; prompt_id: string };
  /** Every output is made; `completed` follows when the server has written its history. */
  execution_success: OfPrompt;
  execution_error: ExecutionError;
  execution_interrupted: OfPrompt & { node_id?: string; node_type?: string; executed?: string[] };
  /** The server refused some outputs of the prompt and runs the rest. */
  refused: {
    /** Ids of the output nodes that do not run. */
    outputs: string[];
    node_errors: NodeErrors;
    /** Which they are and why, a line a node with an error. */
    message: string;
  };
  /** A picture of the work in progress. Only the latest is worth keeping. */
  preview: {
    image: Blob;
    /** What the picture is by its first bytes, whatever its frame calls it. */
    mime_type: string;
    /** The node that it shows; null where neither the frame nor the run says. */
    node_id: string | null;
    display_node_id: string | null;
    /**
     * Where the picture is a result of the node and not a preview (SaveImageWebsocket): the name of its file, as in
     * `run.outputs`.
     */
    filename?: string;
    // What follows comes with frames that describe their picture; older servers send none.
    parent_node_id?: string | null;
    real_node_id?: string | null;
    prompt_id?: string;
    /** What the server calls the picture. */
    image_type?: string;
  };
  /** Text that a node shows while it works. */
  progress_text: { node_id: string; text: string };
  /** Where the run stands in the server's queue; 1 is the next to run, 0 runs. */
  queue: { position: number; running: number; pending: number };
  /** News of the socket. While it is not open the run is followed by asking, every poll interval. */
  connection: { state: "open" | "reconnecting" | "polling"; reason: string; attempt: number };
  /** The end: everything was made. */
  completed: CompletedData;
  /** The end: a node failed, or (`code`) nothing more is known of the run. */
  error: NodeFailure | LostRun;
  /** The end: somebody stopped the run; with `code` it was this program. */
  interrupted: InterruptedData;
}

interface Raw {
  preview: Record<string, any> | null;
  completed: RawFrame | RawHistory<"history_completed">;
  error: RawFrame | RawHistory<"history_error">;
  interrupted: RawFrame | RawHistory<"history_interrupted">;
}

type EventsOf<Data> = {
  [Type in keyof Data & string]: EventFields & {
    type: Type;
    data: Data[Type];
    /** What the event was made from, for debugging. */
    raw: Type extends keyof Raw ? Raw[Type] : RawFrame;
  };
};

/**
 * An event of a run; `type` says which. Frames of custom nodes arrive under their own name: declare their types with
 * `ComfyEvent<{ "my_pack.done": { path: string } }>`. A frame that has the name of an event which is made here
 * (`completed`, `preview`, …) arrives as `frame:completed`.
 */
export type ComfyEvent<Custom = {}> = EventsOf<EventData & Custom>[keyof (EventData & Custom) & string];

/** The names of the events. */
export type EventType = keyof EventData;

/** One type of event, such as `EventOf<"progress">`. */
export type EventOf<Type extends EventType> = EventsOf<EventData>[Type];

/** The three events that end a run. Each run has exactly one, and it is the last. */
export type TerminalEvent = EventOf<"completed" | "error" | "interrupted">;

/** What receives the events of a run. When it throws, the error is reported and the run goes on. */
export type EventCallback<Custom = {}> = (event: ComfyEvent<Custom>) => void;

/** Events that do not come over the socket: the package makes them. */
type OfRuns = "submitted" | "refused" | "queue" | "completed" | "error" | "interrupted";

type ServerEventsOf<Data> = {
  [Type in Exclude<keyof Data & string, OfRuns>]: {
    type: Type;
    data: Data[Type];
    /** What the event was made from, for debugging. */
    raw: Type extends keyof Raw ? Raw[Type] : RawFrame;
    /** Unix time in seconds, with fractions. */
    ts: number;
    client_id: string;
    /** The prompt that it is about; null where it names none. */
    prompt_id: string | null;
  };
};

/**
 * What the socket of a server sends to a {@link ComfyClient}, for all prompts. It carries nothing of a run's progress.
 * Custom nodes' frames as in {@link ComfyEvent}.
 */
export type ServerEvent<Custom = {}> = ServerEventsOf<EventData & Custom>[Exclude<keyof (EventData & Custom) & string, OfRuns>];

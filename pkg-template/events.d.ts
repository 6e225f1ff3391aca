// The events that a run's callback receives.
import type { HistoryItem, HistoryStatus, NodeOutput, Outputs } from "./wire.js";

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
  /** The node that is executing. */
  node_current: string | null;
  /** Every node of the prompt that the run needs, in topological order. Nodes made while running do not join them. */
  nodes_total: readonly string[];
  /** Nodes that have run. */
  nodes_completed: readonly string[];
  /** Nodes that need not run: cached ones, and what comes before a node that was seen running. */
  nodes_skipped: readonly string[];
  /** Completed and skipped nodes. */
  nodes_done: readonly string[];
  /** Percent of the current node, 0–100. */
  node_progress: number | null;
  /** Steps of the current node done so far. */
  node_progress_value: number | null;
  /** Steps of the current node in all. */
  node_progress_max: number | null;
  /** Part of the whole prompt, 0–1. Never falls; 1 at `completed`. */
  nodes_progress: number;
  /** When the prompt was submitted: Unix time in seconds. */
  time_submitted: number;
  /** Seconds from the submission until the run began, or until now while it waits. */
  time_queued_s: number | null;
  /** Seconds since the submission. */
  time_elapsed_s: number;
  /** Seconds that the current node has been executing. */
  node_execution_time_s: number | null;
}

/** A text frame as the server sent it, parsed; `null` where an event was not made from one. */
export type RawFrame = { type: string; data?: any; [key: string]: any } | null;

/** What the server answered for a run whose end the socket did not tell. */
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
  exception_message: string;
  exception_type?: string;
  traceback?: string[];
  current_inputs?: Record<string, unknown>;
  current_outputs?: unknown;
}

/** What a run left behind; a field is absent where the server did not say. */
export interface CompletedData {
  prompt_id?: string;
  node?: null;
  status?: HistoryStatus | null;
  outputs?: Outputs;
  meta?: Record<string, unknown>;
  prompt?: unknown;
}

/** The `data` of each type of event. */
export interface EventData {
  /** The server has accepted the prompt. */
  submitted: { prompt_id: string; number: number | null; node_errors: Record<string, unknown> };
  /** How many prompts wait; sent to every client. */
  status: { status: { exec_info: { queue_remaining: number } }; sid?: string };
  execution_start: OfPrompt;
  /** Nodes whose results the server still had. */
  execution_cached: OfPrompt & { nodes: string[] };
  /** A node begins, or with `null` none is left. */
  executing: { node: string | null; display_node?: string; prompt_id?: string };
  /** A step of the current node. */
  progress: { value: number; max: number; node?: string; prompt_id?: string };
  /** All nodes that have begun, each time the whole list. */
  progress_state: { prompt_id: string; nodes: Record<string, NodeState> };
  /** A node showed something. */
  executed: { node: string; display_node?: string; output: NodeOutput | null; prompt_id: string };
  /** Every output is made; `completed` follows when the server has written its history. */
  execution_success: OfPrompt;
  execution_error: ExecutionError;
  execution_interrupted: OfPrompt & { node_id?: string; node_type?: string; executed?: string[] };
  /** A picture of the work in progress. Only the latest is worth keeping. */
  preview: {
    /** A `Blob` where there is one, otherwise bytes. */
    image: Blob | Uint8Array;
    mime_type: string;
    node_id: string | null;
    display_node_id: string | null;
    parent_node_id?: string | null;
    real_node_id?: string | null;
  };
  /** Text that a node shows while it works. */
  progress_text: { node_id: string; text: string };
  /** Where the run stands in the server's queue; 1 is the next to run, 0 runs. */
  queue: { position: number; running: number; pending: number };
  /** News of the socket. While it is not open the run is followed by asking, every poll interval. */
  connection: { state: "open" | "reconnecting" | "polling"; reason: string | null; attempt: number };
  /** The end: everything was made. */
  completed: CompletedData;
  /** The end: the run failed, or the server knows nothing of it any more (`code` is `"vanished"`). */
  error: ExecutionError & { code?: "execution_error" | "vanished"; status?: HistoryStatus | null; outputs?: Outputs };
  /** The end: somebody stopped the run. */
  interrupted: OfPrompt & {
    node_id?: string;
    node_type?: string;
    executed?: string[];
    status?: HistoryStatus | null;
    outputs?: Outputs;
  };
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
 * An event of a run, told apart by `type`. Custom nodes send frames of their own, which arrive under their own name:
 * tell their types with `ComfyEvent<{ "my_pack.done": { path: string } }>`.
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

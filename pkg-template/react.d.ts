// Hooks for React, which is an optional peer.
import type {
  ApiFlow,
  ComfyClient,
  ComfyClientOptions,
  Prompt,
  QueuedPrompt,
  ResultFile,
  Submission,
  SubmitOptions,
  SystemStats,
} from "./index.js";

/** A server: its address, the options of a {@link ComfyClient}, or a client. */
export type Server = string | URL | ComfyClientOptions | ComfyClient;

/** What {@link useServer} knows. */
export interface ServerState {
  /** `"failed"`: it refuses the login or this page; see `error`. */
  status: "starting" | "ready" | "reconnecting" | "failed";
  stats: SystemStats | null;
  /** Asked for whenever it changes. */
  queue: { running: QueuedPrompt[]; pending: QueuedPrompt[] } | null;
  error: unknown;
  comfy: ComfyClient;
}

/**
 * A server while a component is there: waits until it answers, and follows its queue.
 *
 * @example
 * const { comfy, status, queue } = useServer("http://127.0.0.1:8188");
 */
export function useServer(server: Server): ServerState;

/** What {@link useRun} knows, and what it can do. */
export interface RunState {
  status: "idle" | "running" | "done" | "cancelled" | "failed";
  /** Part of the whole prompt, 0–1. */
  progress: number;
  /** Title of the node that executes, else its class, else its id. */
  node: string | null;
  /** The latest picture of the work in progress. */
  preview: Blob | null;
  /** An address of it for `<img src>`. */
  previewUrl: string | null;
  images: ResultFile[];
  run: Submission | null;
  error: unknown;
  /**
   * Runs a prompt; one that goes on is cancelled first. Resolves to the run, or to null where it failed or was cancelled: it
   * does not reject.
   */
  start(
    prompt: Prompt | ApiFlow<any> | string,
    options?: Omit<SubmitOptions, "wait" | "signal" | "serverUrl">,
  ): Promise<Submission | null>;
  /** Cancels it on the server too. The component's end does the same. */
  cancel(): void;
}

/**
 * Runs prompts, and shows what comes.
 *
 * @example
 * const { status, progress, previewUrl, images, start, cancel } = useRun("http://127.0.0.1:8188");
 */
export function useRun(server: Server): RunState;

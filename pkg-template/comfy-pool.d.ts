// Jobs over several servers.
import type { ComfyClient, ComfyClientOptions } from "./comfy-client.js";
import type { ApiFlow, Submission } from "./index.js";
import type { SubmitOptions } from "./options.js";
import type { Prompt } from "./wire.js";

/** A server of a pool. */
export interface PoolServerOptions extends ComfyClientOptions {
  /** Default: its address. */
  name?: string;
  /** How many jobs it runs at once; default 1. */
  limit?: number;
}

/** `"down"`: it cannot be reached, also by a proxy before it, or has not been asked yet; it is asked again with backoff. */
export type PoolServerState = "ready" | "busy" | "down" | "unauthorized";

export interface PoolJobOptions {
  /** Whether a server suits the job; asked once for each server. */
  where?: ((comfy: ComfyClient) => boolean | Promise<boolean>) | undefined;
  /** Higher ones go first; default 0. */
  priority?: number | undefined;
  /**
   * Aborting takes the job out of the queue and rejects with the signal's reason. What the job has begun goes on: hand the
   * signal to the job's own calls too.
   */
  signal?: AbortSignal | undefined;
}

/** The event `change` of a pool. */
export interface PoolChangeEvent extends Event {
  readonly server: string;
  readonly state: PoolServerState;
}

/**
 * Runs jobs on several servers. A job keeps one server from its first request to its last; a server gets at most `limit`
 * jobs at once; among free servers the one with the fewest prompts waiting is next. A job is called again on another
 * server only if every submission that it made failed before a server took the prompt (`error.taken` is `false`).
 *
 * @example
 * const pool = new ComfyPool([{ serverUrl: "http://127.0.0.1:8188" }, { serverUrl: "http://127.0.0.1:8189", limit: 2 }]);
 * const run = await pool.submit(prompt, { wait: true });
 */
export class ComfyPool {
  constructor(servers?: readonly PoolServerOptions[]);
  readonly servers: { name: string; state: PoolServerState; serverUrl: string }[];
  /** How many jobs wait for a server. */
  readonly waiting: number;
  add(server: PoolServerOptions): void;
  /** Its jobs go on; it gets no more. Whether there was one of this name. */
  remove(name: string): boolean;
  /**
   * Runs a job on the next free server.
   *
   * @throws {ComfyError} `no_server` where no server takes jobs, or none suits
   */
  run<T>(job: (comfy: ComfyClient) => T | Promise<T>, options?: PoolJobOptions): Promise<T>;
  /** A job that is one submission, of the prompt as it is at the call. `signal` is for the waiting and for the run: aborting also cancels it on the server. */
  submit<Custom = {}>(
    prompt: Prompt | ApiFlow<any> | string,
    options?: SubmitOptions<Custom> & Omit<PoolJobOptions, "signal">,
  ): Promise<Submission>;
  /** Dispatched whenever the state of a server changes. */
  addEventListener(
    type: "change",
    listener: (event: PoolChangeEvent) => void,
    options?: { once?: boolean; signal?: AbortSignal },
  ): void;
  removeEventListener(type: "change", listener: (event: PoolChangeEvent) => void): void;
}

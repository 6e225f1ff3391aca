// @ts-check
// `ComfyPool`: jobs over several servers. Which job runs where is decided by the machine in the wasm; here it is done.
import { ComfyError } from "./boundary.js";
import { PoolMachine } from "./client.js";
import { ComfyClient, shareObjectInfo } from "./comfy-client.js";
import { client, whenReady } from "./modules.js";

/**
 * @typedef {{ name: string, options: any, client: InstanceType<typeof ComfyClient>, state: string, asked?: boolean }} PoolServer
 *
 * @typedef {object} Job
 * @property {(comfy: any) => unknown} work
 * @property {((comfy: any) => unknown) | undefined} where
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {unknown} failure of the last try
 * @property {boolean} settled
 */

const OPTIONS = ["where", "priority", "signal"];

export class ComfyPool extends EventTarget {
  #machine = whenReady(client, "new ComfyPool", () => new PoolMachine())();
  /** @type {Map<number, PoolServer>} */
  #servers = new Map();
  /** @type {Map<number, Job>} */
  #jobs = new Map();
  #numbers = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #performing = false;

  /** @param {any[]} [servers] */
  constructor(servers = []) {
    super();
    if (!Array.isArray(servers)) throw new ComfyError("bad_input", "ComfyPool wants a list of servers: [{ serverUrl }].");
    servers.forEach((server) => this.add(server));
  }

  /** Every server with its name and state. */
  get servers() {
    return [...this.#servers.values()].map(({ name, state, client }) => ({ name, state, serverUrl: client.serverUrl }));
  }

  /** How many jobs wait for a server. */
  get waiting() {
    return this.#jobs.size - this.#running.size;
  }

  /** @type {Set<number>} */
  #running = new Set();

  /** @param {any} server the options of a `ComfyClient`, and `name` and `limit` */
  add(server) {
    const { name, limit = 1, ...options } = Object(server);
    if (!Number.isInteger(limit) || limit < 1) {
      throw new ComfyError("bad_input", "The limit of a server in a pool must be a whole number from 1 on.");
    }
    const comfy = new ComfyClient(options);
    const called = name ?? comfy.serverUrl;
    if (this.servers.some((other) => other.name === called)) {
      throw new ComfyError("bad_input", `The pool has a server ${JSON.stringify(called)} already: give each its own name.`);
    }
    const number = this.#numbers++;
    this.#servers.set(number, { name: called, options, client: comfy, state: "down" });
    this.#machine.addServer(number, limit);
    this.#perform();
  }

  /** @param {string} name @returns {boolean} whether there was one */
  remove(name) {
    const found = [...this.#servers].find(([, server]) => server.name === name);
    if (!found) return false;
    this.#servers.delete(found[0]);
    this.#machine.removeServer(found[0]);
    this.#perform();
    return true;
  }

  /**
   * @param {any} prompt
   * @param {any} [options] of `submit`, and `where` and `priority`
   */
  submit(prompt, options) {
    const { where, priority, ...own } = Object(options);
    return this.run((comfy) => comfy.submit(prompt, own), { where, priority, signal: own.signal });
  }

  /**
   * @param {(comfy: any) => unknown} work
   * @param {{ where?: (comfy: any) => unknown, priority?: number, signal?: AbortSignal }} [options]
   */
  run(work, options) {
    return new Promise((resolve, reject) => {
      const { where, priority = 0, signal } = check(work, options);
      if (signal?.aborted) throw signal.reason;
      const number = this.#numbers++;
      const drop = () => {
        this.#settle(number, () => reject(signal?.reason));
        this.#machine.dropJob(number);
        this.#perform();
      };
      signal?.addEventListener("abort", drop, { once: true });
      /** @param {(value: any) => void} settle */
      const last = (settle) => (/** @type {any} */ value) => {
        signal?.removeEventListener("abort", drop);
        settle(value);
      };
      this.#jobs.set(number, { work, where, resolve: last(resolve), reject: last(reject), failure: undefined, settled: false });
      this.#machine.addJob(number, priority, where !== undefined);
      this.#perform();
    });
  }

  /** Does what the machine wants, and sets the clock for what it wants later. */
  #perform() {
    if (this.#performing) return;
    this.#performing = true;
    for (let effect; (effect = this.#machine.nextEffect()); ) this.#do(/** @type {any} */ (effect));
    this.#performing = false;
    clearTimeout(this.#timer);
    const wait = this.#machine.timeout();
    if (wait === undefined || (this.#jobs.size === 0 && this.#isSettled())) return;
    this.#timer = setTimeout(() => {
      this.#machine.timeIsUp();
      this.#perform();
    }, wait);
  }

  /** Whether the state of every server is known: a pool without jobs then leaves no timer behind. */
  #isSettled() {
    return [...this.#servers.values()].every(({ asked }) => asked);
  }

  /** @param {[string, number, any]} effect */
  #do([name, first, second]) {
    switch (name) {
      case "start":
        return void this.#start(first, second);
      case "askSuits":
        return void this.#askSuits(first, second);
      case "probe":
        return void this.#probe(first);
      case "stateChanged": {
        const server = this.#servers.get(first);
        if (!server) return;
        server.state = second;
        return void this.dispatchEvent(Object.assign(new Event("change"), { server: server.name, state: second }));
      }
      case "refuse":
        return this.#refuse(first, second);
    }
  }

  /**
   * @param {number} number of the job
   * @param {number} serverNumber
   */
  async #start(number, serverNumber) {
    const job = this.#jobs.get(number);
    const server = this.#servers.get(serverNumber);
    if (!job || !server) return this.#machine.jobEnded(number, "", true);
    this.#running.add(number);
    const comfy = new JobClient(server.options);
    shareObjectInfo(server.client, comfy);
    try {
      const value = await job.work(comfy);
      this.#ended(number, "", true);
      this.#settle(number, () => job.resolve(value));
    } catch (error) {
      const code = error instanceof ComfyError ? error.code : "";
      job.failure = error;
      const again = !comfy.taken && ["network", "no_server", "unauthorized", "forbidden_origin"].includes(code);
      this.#ended(number, code, !again);
      if (!again) this.#settle(number, () => job.reject(error));
    }
    this.#perform();
  }

  /**
   * @param {number} number
   * @param {string} code
   * @param {boolean} taken
   */
  #ended(number, code, taken) {
    this.#running.delete(number);
    this.#machine.jobEnded(number, code, taken);
  }

  /**
   * @param {number} number
   * @param {() => void} settle
   */
  #settle(number, settle) {
    if (!this.#jobs.delete(number)) return;
    settle();
  }

  /**
   * @param {number} number
   * @param {number} serverNumber
   */
  async #askSuits(number, serverNumber) {
    const job = this.#jobs.get(number);
    const server = this.#servers.get(serverNumber);
    let suits;
    try {
      suits = job && server ? Boolean(await job.where?.(server.client)) : false;
    } catch (error) {
      const isUnreachable = error instanceof ComfyError && error.code === "network";
      if (!isUnreachable) {
        this.#settle(number, () => job?.reject(error));
        this.#machine.dropJob(number);
      }
    }
    this.#machine.suits(number, serverNumber, suits);
    this.#perform();
  }

  /** @param {number} number of the server */
  async #probe(number) {
    const server = this.#servers.get(number);
    let waiting;
    let unauthorized = false;
    try {
      const queue = await server?.client.queue();
      waiting = queue ? queue.running.length + queue.pending.length : undefined;
    } catch (error) {
      const code = error instanceof ComfyError ? error.code : "";
      unauthorized = code === "unauthorized" || code === "forbidden_origin";
      // A dialect without a queue is there all the same.
      if (code === "unsupported") waiting = 0;
    }
    if (server) server.asked = true;
    this.#machine.probed(number, waiting, unauthorized);
    this.#perform();
  }

  /**
   * @param {number} number
   * @param {string} reason
   */
  #refuse(number, reason) {
    const job = this.#jobs.get(number);
    const message =
      reason === "noneSuits"
        ? "No server of the pool suits the job: `where` refused each."
        : "The pool has no server that takes jobs: each refuses the login, or there is none.";
    const error = reason === "failed" && job?.failure ? job.failure : new ComfyError("no_server", message);
    this.#settle(number, () => job?.reject(error));
  }
}

/** The client of one job, which notes whether a server may have one of the job's prompts. */
class JobClient extends ComfyClient {
  taken = false;

  /** @param {any} prompt @param {any} [options] @returns {Promise<any>} */
  async submit(prompt, options) {
    try {
      const run = await super.submit(prompt, options);
      this.taken = true;
      return run;
    } catch (error) {
      if (!(error instanceof ComfyError) || /** @type {any} */ (error).taken !== false) this.taken = true;
      throw error;
    }
  }
}

/**
 * @param {unknown} work
 * @param {unknown} options
 * @returns {any}
 */
function check(work, options) {
  if (typeof work !== "function") {
    throw new ComfyError("bad_input", "pool.run wants a function that gets a ComfyClient: (comfy) => comfy.submit(prompt).");
  }
  const given = Object(options ?? {});
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  if (unknown) throw new ComfyError("bad_input", `pool.run has no option ${unknown}; it has ${OPTIONS.join(", ")}.`);
  if (given.where !== undefined && typeof given.where !== "function") {
    throw new ComfyError("bad_input", "The option where of pool.run must be a function.");
  }
  if (given.priority !== undefined && typeof given.priority !== "number") {
    throw new ComfyError("bad_input", "The option priority of pool.run must be a number.");
  }
  return given;
}

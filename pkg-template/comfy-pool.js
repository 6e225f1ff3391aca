// @ts-check
// `ComfyPool`: jobs over several servers. Which job runs where is decided by the machine in the wasm; here it is done.
import { ComfyError } from "./boundary.js";
import { callAs } from "./call-names.js";
import { PoolMachine } from "./client.js";
import { ComfyClient } from "./comfy-client.js";
import { client, whenReady } from "./modules.js";
import { shareInfo } from "./object-info-cache.js";
import { ENDINGS, JobClient, PASSING, checkJob, passing, watched } from "./pool-job.js";
import { promptNow } from "./snapshot.js";
import { submit } from "./submit.js";

/**
 * @typedef {object} PoolServer
 * @property {string} name
 * @property {any} options of the clients of its jobs
 * @property {InstanceType<typeof ComfyClient>} client
 * @property {string} state
 * @property {boolean} [asked] its state is known
 * @property {boolean} [isAsked] a question whether it is there has not been answered
 *
 * @typedef {object} Job
 * @property {(comfy: any) => unknown} work
 * @property {((comfy: any) => unknown) | undefined} where
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {unknown} failure of the last try
 */

/** The id of a run that no server has. */
const NO_RUN = "00000000-0000-4000-8000-000000000000";

/** What the machine takes and gives, as the numbers of `PoolMachine.step`. */
const INPUTS = { timeout: 0, serverAdded: 1, serverRemoved: 2, jobAdded: 3, jobDropped: 4, jobEnded: 5, suits: 6, probed: 7 };
const EFFECTS = { start: 0, askSuits: 1, probe: 2, stateChanged: 3, refuse: 4 };
const STATES = ["ready", "busy", "down", "unauthorized"];
const REFUSALS = ["noServer", "noneSuits", "failed"];

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
    // A job that was aborted is no job of the pool any more, and may still be at work.
    return [...this.#jobs.keys()].filter((number) => !this.#running.has(number)).length;
  }

  /** @type {Set<number>} */
  #running = new Set();

  /** @param {any} server the options of a `ComfyClient`, and `name` and `limit` */
  add(server) {
    const { name, limit = 1, ...options } = Object(server);
    if (!Number.isInteger(limit) || limit < 1) {
      throw new ComfyError("bad_input", "The limit of a server in a pool must be a whole number from 1 on.");
    }
    const comfy = callAs("ComfyPool", "ComfyClient", () => new ComfyClient(options));
    const called = name ?? comfy.serverUrl;
    if (this.servers.some((other) => other.name === called)) {
      throw new ComfyError("bad_input", `The pool has a server ${JSON.stringify(called)} already: give each its own name.`);
    }
    const number = this.#numbers++;
    const suspicious = watched(options, () => this.#suspect(number));
    this.#servers.set(number, { name: called, options: suspicious, client: comfy, state: "down" });
    this.#tell(INPUTS.serverAdded, number, limit);
  }

  /** @param {string} name @returns {boolean} whether there was one */
  remove(name) {
    const found = [...this.#servers].find(([, server]) => server.name === name);
    if (!found) return false;
    this.#servers.delete(found[0]);
    this.#tell(INPUTS.serverRemoved, found[0]);
    return true;
  }

  /**
   * @param {any} prompt
   * @param {any} [options] of `submit`, and `where` and `priority`
   */
  submit(prompt, options) {
    const { where, priority, ...own } = Object(options);
    return new Promise((resolve) => {
      // As it is at the call: the job may begin much later.
      const sent = promptNow(prompt);
      if (own.extraData) own.extraData = promptNow(own.extraData);
      const work = (/** @type {any} */ comfy) => comfy.submit(sent, own);
      resolve(this.#run("pool.submit", work, { where, priority, signal: own.signal }, this.#check(sent, own)));
    });
  }

  /**
   * Rejects where a submission has a mistake that shows before anything is sent: nobody should wait for a server to hear of
   * it.
   *
   * @param {any} prompt
   * @param {any} options
   */
  async #check(prompt, options) {
    const [first] = this.#servers.values();
    if (!first) return;
    // A signal that is aborted has everything read and checked, and lets nothing begin.
    const signal = AbortSignal.abort(first);
    const { serverUrl, dialect } = first.client;
    const given = { ...options, signal, promptId: null, serverUrl: options.serverUrl ?? serverUrl, dialect: options.dialect ?? dialect };
    await callAs("pool.submit", "submit", () => submit(prompt, given)).catch((error) => {
      if (error !== first) throw error;
    });
  }

  /**
   * @param {(comfy: any) => unknown} work
   * @param {{ where?: (comfy: any) => unknown, priority?: number, signal?: AbortSignal }} [options]
   */
  run(work, options) {
    return this.#run("pool.run", work, options);
  }

  /**
   * @param {string} call
   * @param {(comfy: any) => unknown} work
   * @param {any} options
   * @param {Promise<void>} [valid] rejects where the job cannot begin
   */
  #run(call, work, options, valid) {
    valid?.catch(() => {});
    return new Promise((resolve, reject) => {
      const { where, priority = 0, signal } = checkJob(call, work, options);
      if (signal?.aborted) throw signal.reason;
      const number = this.#numbers++;
      const drop = (/** @type {unknown} */ reason) => {
        this.#settle(number, () => last(reject)(reason));
        this.#tell(INPUTS.jobDropped, number);
      };
      const abort = () => drop(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      /** @param {(value: any) => void} settle */
      const last = (settle) => (/** @type {any} */ value) => {
        signal?.removeEventListener("abort", abort);
        settle(value);
      };
      valid?.catch(drop);
      this.#jobs.set(number, { work, where, resolve: last(resolve), reject: last(reject), failure: undefined });
      this.#tell(INPUTS.jobAdded, number, where ? 1 : 0, priority);
    });
  }

  /** @type {number[]} */
  #effects = [];

  /**
   * Tells the machine, does what it wants, and sets the clock for what it wants later.
   *
   * @param {number} input
   * @param {number} [first]
   * @param {number} [second]
   * @param {number} [value]
   */
  #tell(input, first = 0, second = 0, value = 0) {
    const [wait, ...effects] = this.#machine.step(input, first, second, value);
    this.#effects.push(...effects);
    clearTimeout(this.#timer);
    if (wait >= 0) this.#timer = setTimeout(() => this.#tell(INPUTS.timeout), wait);
    if (this.#performing) return;
    this.#performing = true;
    while (this.#effects.length) this.#do(...this.#effects.splice(0, 3));
    this.#performing = false;
    if (this.#jobs.size === 0 && this.#isSettled()) clearTimeout(this.#timer);
  }

  /** Whether the state of every server is known: a pool without jobs then leaves no timer behind. */
  #isSettled() {
    return [...this.#servers.values()].every(({ asked }) => asked);
  }

  /** @param {number[]} effect */
  #do(...[effect, first, second]) {
    switch (effect) {
      case EFFECTS.start:
        return void this.#start(first, second);
      case EFFECTS.askSuits:
        return void this.#askSuits(first, second);
      case EFFECTS.probe:
        return void this.#probe(first);
      case EFFECTS.stateChanged: {
        const server = this.#servers.get(first);
        if (!server) return;
        server.state = STATES[second];
        return void this.dispatchEvent(Object.assign(new Event("change"), { server: server.name, state: server.state }));
      }
      case EFFECTS.refuse:
        return this.#refuse(first, REFUSALS[second]);
    }
  }

  /**
   * @param {number} number of the job
   * @param {number} serverNumber
   */
  async #start(number, serverNumber) {
    const job = this.#jobs.get(number);
    const server = this.#servers.get(serverNumber);
    if (!job || !server) return this.#tell(INPUTS.jobEnded, number, ENDINGS.settled);
    this.#running.add(number);
    const comfy = new JobClient(server.options);
    shareInfo(server.client, comfy);
    try {
      const value = await job.work(comfy);
      this.#settle(number, () => job.resolve(value));
      this.#ended(number, ENDINGS.settled);
    } catch (error) {
      const ending = passing(error) ?? ENDINGS.settled;
      const isOver = comfy.taken || ending === ENDINGS.settled;
      job.failure = error;
      if (isOver) this.#settle(number, () => job.reject(error));
      this.#ended(number, ending, isOver);
    }
  }

  /**
   * @param {number} number
   * @param {number} ending
   * @param {boolean} [taken] it is not called again
   */
  #ended(number, ending, taken = true) {
    this.#running.delete(number);
    this.#tell(INPUTS.jobEnded, number, ending, taken ? 1 : 0);
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
    let suits = -1;
    /** @type {number | undefined} */
    let ending;
    try {
      suits = job && server && (await job.where?.(server.client)) ? 1 : 0;
    } catch (error) {
      ending = passing(error);
      if (ending === undefined) {
        this.#settle(number, () => job?.reject(error));
        this.#tell(INPUTS.jobDropped, number);
      }
    }
    this.#tell(INPUTS.suits, number, serverNumber, suits);
    if (ending === ENDINGS.unauthorized) this.#tell(INPUTS.probed, serverNumber, ending);
  }

  /** Asks a server of which a job had no answer whether it is there. @param {number} number of the server */
  #suspect(number) {
    const server = this.#servers.get(number);
    // One that is down is asked again by the clock of the machine.
    if (server && !server.isAsked && server.state !== "down") void this.#probe(number);
  }

  /** @param {number} number of the server */
  async #probe(number) {
    const server = this.#servers.get(number);
    if (server) server.isAsked = true;
    let waiting = 0;
    /** 0 stands for an answer. @type {any} */
    let failure = server ? 0 : ENDINGS.unreachable;
    try {
      const queue = await server?.client.queue();
      if (queue) waiting = queue.running.length + queue.pending.length;
    } catch (error) {
      const code = error instanceof ComfyError ? error.code : "";
      // A dialect without a queue has runs: any answer about one says that the server is there.
      if (code === "unsupported") failure = await server?.client.status(NO_RUN).then(() => 0, (reason) => passing(reason) ?? 0);
      else failure = PASSING[code] ?? ENDINGS.unreachable;
    }
    if (server) Object.assign(server, { asked: true, isAsked: false });
    this.#tell(INPUTS.probed, number, failure, waiting);
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

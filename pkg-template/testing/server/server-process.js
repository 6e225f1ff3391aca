// @ts-check
// The state that a restart loses: queue, history, cached results, sockets and prompt numbers. Files survive.
import { Execution, PromptDropped } from "../execution/execution.js";
import { PromptQueue, tuple } from "./prompt-queue.js";
import { ResultCache } from "../execution/result-cache.js";
import { SocketRegistry } from "../sockets/socket-registry.js";
import { ReplayedExecution } from "../replay/replay.js";

const LOG_LENGTH = 300;

export class ServerProcess {
  /** @param {import("../simulator.js").Simulator} sim */
  constructor(sim) {
    this.sim = sim;
    this.queue = new PromptQueue(() => this.announceQueue());
    this.cache = new ResultCache();
    this.sockets = new SocketRegistry(this);
    /** Number of the next prompt submitted without `number`. */
    this.number = 0;
    /** Running prompts by id. @type {Map<string, Execution>} */
    this.executions = new Map();
    /** Lines of `GET /internal/logs`. @type {{t: string, m: string}[]} */
    this.log = [];
    this.dead = false;
    this.queue.wake = () => void this.work();
    this.queue.held = sim.startHeld;
    this.logLine("Starting server");
  }

  /** Appends a line to the server's log. @param {string} text */
  logLine(text) {
    this.log.push({ t: `${new Date().toISOString().slice(0, -1)}000`, m: `\u001b[32m[INFO]\u001b[0m ${text}\n` });
    if (this.log.length > LOG_LENGTH) this.log.shift();
  }

  queueInfo() {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  announceQueue() {
    this.sockets.send({ type: "status", data: { status: this.queueInfo() } }, null);
  }

  /** Starts pending prompts until every worker is busy. A local server has one worker. */
  async work() {
    // Lets the answer to POST /prompt leave before the first frame of the run, as on an idle real server.
    await new Promise(setImmediate);
    while (!this.dead && this.executions.size < this.sim.workers) {
      const item = this.queue.take();
      if (!item) return;
      void this.runItem(item).then(() => this.work());
    }
  }

  /** @param {import("./prompt-queue.js").QueueItem} item */
  async runItem(item) {
    const recorded = this.sim.replay?.submission(item.promptId);
    const execution = recorded ? new ReplayedExecution(this, item, recorded) : new Execution(this, item);
    this.executions.set(item.promptId, execution);
    const started = Date.now();
    try {
      const history = await execution.run();
      history.set("prompt", history.get("prompt") ?? tuple(item));
      await this.sim.faults.beforeQueueLeave(execution);
      this.queue.done(item, history);
      this.logLine(`Prompt executed in ${((Date.now() - started) / 1000).toFixed(2)} seconds`);
      if (execution.clientId !== null) execution.send("executing", { node: null, prompt_id: item.promptId });
      this.sim.emit("prompt_done", { promptId: item.promptId, status: execution.success ? "success" : "error" });
    } catch (error) {
      if (!(error instanceof PromptDropped)) throw error;
    } finally {
      this.executions.delete(item.promptId);
    }
  }

  /** Interrupts a running prompt. @returns whether it was running. @param {string} promptId */
  interrupt(promptId) {
    const execution = this.executions.get(promptId);
    execution?.interrupt();
    return execution !== undefined;
  }

  /** Removes a prompt from queue and history; a running one stops and sends no frame. @param {string} promptId */
  vanish(promptId) {
    this.queue.forget(promptId);
    this.executions.get(promptId)?.abandon();
  }

  /** Stops everything at once, as SIGKILL does. */
  die() {
    this.dead = true;
    for (const execution of this.executions.values()) execution.abandon();
    this.sockets.destroy();
  }
}

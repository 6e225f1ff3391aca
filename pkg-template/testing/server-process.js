// @ts-check
// What dies when the server does: queue, history, results, sockets and numbers. Files outlive it.
import { Execution, Abandoned } from "./executor.js";
import { PromptQueue, tuple } from "./queue.js";
import { ResultCache } from "./cache.js";
import { SocketHub } from "./hub.js";
import { ReplayedExecution } from "./replay.js";

export class ServerProcess {
  /** @param {import("./simulator.js").Simulator} sim */
  constructor(sim) {
    this.sim = sim;
    this.queue = new PromptQueue(() => this.announceQueue());
    this.cache = new ResultCache();
    this.hub = new SocketHub(this);
    /** Number of the next prompt that brings none. */
    this.number = 0;
    /** The node a reconnecting client is told about. @type {string | null} */
    this.lastNodeId = null;
    /** @type {Execution | null} */
    this.execution = null;
    this.dead = false;
    this.queue.wake = () => void this.work();
    this.working = false;
    this.queue.held = sim.startHeld;
  }

  queueInfo() {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  announceQueue() {
    this.hub.send({ type: "status", data: { status: this.queueInfo() } }, null);
  }

  /** Runs what waits, one prompt after the other. */
  async work() {
    if (this.working) return;
    this.working = true;
    // The answer to POST /prompt is on its way before the first frame of the run, as on a quiet real server.
    await new Promise(setImmediate);
    for (let item = this.take(); item; item = this.take()) await this.runItem(item);
    this.working = false;
  }

  take() {
    return this.dead ? undefined : this.queue.take();
  }

  /** @param {import("./queue.js").QueueItem} item */
  async runItem(item) {
    const recorded = this.sim.replay?.submission(item.promptId);
    const execution = recorded ? new ReplayedExecution(this, item, recorded) : new Execution(this, item);
    this.execution = execution;
    try {
      const history = await execution.run();
      history.set("prompt", history.get("prompt") ?? tuple(item));
      await this.sim.faults.beforeQueueLeave(execution);
      this.queue.done(item, history);
      if (execution.clientId !== null) execution.send("executing", { node: null, prompt_id: item.promptId });
      this.sim.emit("prompt_done", { promptId: item.promptId, status: execution.success ? "success" : "error" });
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
    } finally {
      this.execution = null;
      this.lastNodeId = null;
    }
  }

  /** @param {string} promptId */
  interrupt(promptId) {
    if (this.execution?.promptId !== promptId) return false;
    this.execution.interrupt();
    return true;
  }

  /** Drops a prompt from queue and history; if it runs, it stops without a word. @param {string} promptId */
  vanish(promptId) {
    this.queue.forget(promptId);
    if (this.execution?.promptId === promptId) this.execution.abandon();
  }

  /** Ends everything at once, as a killed process does. */
  die() {
    this.dead = true;
    this.execution?.abandon();
    this.hub.destroy();
  }
}

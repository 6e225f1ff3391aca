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
    /** What runs, by prompt id. @type {Map<string, Execution>} */
    this.executions = new Map();
    this.dead = false;
    this.queue.wake = () => void this.work();
    this.queue.held = sim.startHeld;
  }

  queueInfo() {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  announceQueue() {
    this.hub.send({ type: "status", data: { status: this.queueInfo() } }, null);
  }

  /** Starts what waits, as many at once as the server has workers: one, unless it is a cloud. */
  async work() {
    // The answer to POST /prompt is on its way before the first frame of the run, as on a quiet real server.
    await new Promise(setImmediate);
    while (!this.dead && this.executions.size < this.sim.workers) {
      const item = this.queue.take();
      if (!item) return;
      void this.runItem(item).then(() => this.work());
    }
  }

  /** @param {import("./queue.js").QueueItem} item */
  async runItem(item) {
    const recorded = this.sim.replay?.submission(item.promptId);
    const execution = recorded ? new ReplayedExecution(this, item, recorded) : new Execution(this, item);
    this.executions.set(item.promptId, execution);
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
      this.executions.delete(item.promptId);
    }
  }

  /** Interrupts a prompt if it runs. @param {string} promptId */
  interrupt(promptId) {
    const execution = this.executions.get(promptId);
    execution?.interrupt();
    return execution !== undefined;
  }

  /** Drops a prompt from queue and history; if it runs, it stops without a word. @param {string} promptId */
  vanish(promptId) {
    this.queue.forget(promptId);
    this.executions.get(promptId)?.abandon();
  }

  /** Ends everything at once, as a killed process does. */
  die() {
    this.dead = true;
    for (const execution of this.executions.values()) execution.abandon();
    this.hub.destroy();
  }
}

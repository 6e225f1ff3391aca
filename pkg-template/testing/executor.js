// @ts-check
// Runs one prompt and says what ComfyUI says while it does, in the recorded order.
import { ResultCache } from "./cache.js";
import { ExecutionOrder, isLink } from "./execution-order.js";
import { plain } from "./json.js";
import { ProgressRegistry } from "./progress.js";
import { NodeContext } from "./node-context.js";
import { str } from "./python.js";

const TRACEBACK = ["Traceback (most recent call last): (left out by the simulator)\n"];

/** Thrown in a running node by POST /interrupt, at its next step. */
export class Interrupted extends Error {}

/** Thrown when the prompt is dropped without a word: closing, restarting, vanishing. */
export class Abandoned extends Error {}

/** An output that stops everything behind it without failing the prompt. */
export class Blocked {
  /** @param {string | null} message */
  constructor(message) {
    this.message = message;
  }
}

export class Execution {
  /**
   * @param {import("./server-process.js").ServerProcess} server
   * @param {import("./queue.js").QueueItem} item
   */
  constructor(server, item) {
    this.server = server;
    this.item = item;
    this.sim = server.sim;
    this.promptId = item.promptId;
    /** @type {string | null} */
    this.clientId = item.extraData.has("client_id") ? item.extraData.get("client_id") : null;
    this.nodes = server.sim.nodes;
    /** The prompt and the nodes created while it runs. */
    this.prompt = new Map(item.prompt);
    /** @type {Map<string, string>} */
    this.parents = new Map();
    this.progress = new ProgressRegistry(this.promptId, (id) => this.idsOf(id));
    /** @type {[string, any][]} */
    this.messages = [];
    /** @type {Map<string, {output: any, meta: any}>} */
    this.ui = new Map();
    /** @type {Set<string>} */
    this.executed = new Set();
    /** Outputs of this prompt's nodes, kept even when the cache drops them. @type {Map<string, any[]>} */
    this.results = new Map();
    this.interrupted = false;
    this.abort = new AbortController();
    /** @type {Promise<void> | undefined} */
    this.held = undefined;
    this.success = true;
    /** The node a reconnecting client is told about. @type {string | null} */
    this.lastNodeId = null;
    // Several prompts at once cannot share what they keep.
    this.cache = server.sim.workers > 1 ? new ResultCache() : server.cache;
  }

  /** @param {string} type @param {any} data */
  send(type, data) {
    this.server.hub.send({ type, data, promptId: this.promptId }, this.clientId);
  }

  /**
   * Messages that history keeps. With no client id only an interruption is told, to everyone.
   * @param {string} type @param {any} data
   */
  message(type, data, broadcast = false) {
    const stamped = { ...data, timestamp: Date.now() };
    this.messages.push([type, stamped]);
    if (this.clientId !== null || broadcast) this.send(type, stamped);
  }

  interrupt() {
    this.interrupted = true;
  }

  abandon() {
    this.abort.abort(new Abandoned());
  }

  /** Stands still, at the next step, until something is over. @param {Promise<void>} over */
  hold(over) {
    this.held = over;
  }

  /** Where a run can be held. */
  async gate() {
    while (this.held) {
      const { held } = this;
      await held;
      if (this.held === held) this.held = undefined;
    }
    this.abort.signal.throwIfAborted();
  }

  throwIfStopped() {
    this.abort.signal.throwIfAborted();
    if (this.interrupted) throw new Interrupted();
  }

  sendProgressState() {
    this.send("progress_state", this.progress.snapshot());
  }

  /** @param {string} id */
  realId(id) {
    let real = id;
    for (let parent = this.parents.get(real); parent !== undefined; parent = this.parents.get(real)) real = parent;
    return real;
  }

  /** @param {string} id */
  idsOf(id) {
    return { display: this.realId(id), parent: this.parents.get(id) ?? null, real: this.realId(id) };
  }

  /** @param {string} id */
  definition(id) {
    return this.nodes[this.prompt.get(id).get("class_type")];
  }

  /**
   * Runs the prompt to its end.
   * @returns {Promise<Map<string, any>>} the history item
   */
  async run() {
    const { cache } = this;
    this.message("execution_start", { prompt_id: this.promptId });
    cache.open(this.prompt, this.nodes);
    const cached = [...this.prompt.keys()].filter((id) => cache.get(id));
    this.message("execution_cached", { nodes: cached, prompt_id: this.promptId });

    const order = new ExecutionOrder(
      (id) => this.inputsOf(id),
      (id) => Boolean(this.definition(id).output_node),
      (id) => cache.get(id) !== undefined,
    );
    for (const output of this.item.outputs) order.add(output);
    for (let id = order.next(); id !== undefined; id = order.next()) {
      try {
        await this.gate();
        await this.runNode(id, order);
      } catch (error) {
        this.abort.signal.throwIfAborted();
        this.failed(id, error);
        break;
      }
    }
    await this.gate();
    if (this.success) this.message("execution_success", { prompt_id: this.promptId });
    return this.historyItem();
  }

  /** @param {string} id @param {ExecutionOrder} order */
  async runNode(id, order) {
    const cached = this.cache.get(id);
    if (cached) {
      this.results.set(id, cached.outputs);
      if (cached.ui) this.ui.set(id, cached.ui);
      if (this.clientId !== null) this.sendExecuted(id, cached.ui?.output ?? null);
      this.progress.finish(id);
      this.sendProgressState();
      order.finish(id);
      return;
    }
    this.progress.start(id);
    this.sendProgressState();
    if (this.clientId !== null) {
      this.lastNodeId = this.realId(id);
      this.send("executing", { node: id, display_node: this.realId(id), prompt_id: this.promptId });
    }
    const inputs = this.inputs(id);
    const context = new NodeContext(this, id, inputs);
    const blocked = Object.values(inputs).find((value) => value instanceof Blocked);
    const answer = blocked ? this.block(id, blocked) : await this.call(id, context);
    const outputs = answer.expand ? await this.expand(id, answer, order) : answer.result;
    const ui = answer.ui ? { output: answer.ui, meta: this.meta(id) } : null;
    if (ui) {
      this.ui.set(id, ui);
      if (this.clientId !== null) this.sendExecuted(id, ui.output);
    }
    this.results.set(id, outputs);
    this.cache.set(id, { outputs, ui });
    this.progress.finish(id);
    this.sendProgressState();
    this.executed.add(id);
    order.finish(id);
  }

  /** @param {string} id @param {NodeContext} context */
  async call(id, context) {
    this.throwIfStopped();
    const injected = this.sim.faults.nodeFailure(id, context.classType, this.promptId);
    if (injected?.blocked) return this.blockedOutputs(id, injected.message);
    if (injected) {
      context.failAt = injected.atStep;
      context.failure = Object.assign(new Error(injected.message), { name: injected.type });
      if (injected.atStep === undefined) throw context.failure;
    }
    // Between nodes a real server leaves time for its socket; so does this one.
    await new Promise(setImmediate);
    await this.gate();
    this.throwIfStopped();
    const returned = (await this.definition(id).run?.(context)) ?? [];
    if (context.failure && injected?.atStep !== undefined) throw context.failure;
    this.abort.signal.throwIfAborted();
    return Array.isArray(returned) ? { result: returned } : { result: [], ...returned };
  }

  /**
   * What becomes of a node that is given a blocked input: it does not run, and tells of it if there is something to say.
   * @param {string} id @param {Blocked} blocked
   */
  block(id, blocked) {
    if (blocked.message !== null) {
      this.send("execution_error", {
        prompt_id: this.promptId,
        node_id: id,
        node_type: this.prompt.get(id).get("class_type"),
        executed: [...this.executed],
        exception_message: `Execution Blocked: ${blocked.message}`,
        exception_type: "ExecutionBlocked",
        traceback: [],
        current_inputs: [],
        current_outputs: [],
      });
    }
    return this.blockedOutputs(id, null);
  }

  /** @param {string} id @param {string | null} message @returns {{result: any[], ui?: any, expand?: any}} */
  blockedOutputs(id, message) {
    return { result: (this.definition(id).output ?? []).map(() => new Blocked(message)) };
  }

  /**
   * Runs the nodes that a node put in its own place, ids such as `12:3.0.0.1`.
   * @param {string} id @param {any} answer @param {ExecutionOrder} order
   */
  async expand(id, answer, order) {
    for (const [inner, node] of Object.entries(answer.expand)) {
      const inputs = node.inputs instanceof Map ? node.inputs : new Map(Object.entries(node.inputs ?? {}));
      this.prompt.set(inner, new Map().set("class_type", node.class_type).set("inputs", inputs));
      this.parents.set(inner, id);
    }
    const nested = new ExecutionOrder(order.inputsOf, order.isOutput, order.isCached);
    for (const inner of Object.keys(answer.expand)) nested.add(inner);
    for (let inner = nested.next(); inner !== undefined; inner = nested.next()) await this.runNode(inner, nested);
    return answer.result.map((/** @type {any} */ value) => (isLink(value) ? this.output(value) : value));
  }

  /** @param {any[]} link */
  output([from, slot]) {
    return (this.results.get(from) ?? this.cache.get(from)?.outputs ?? [])[slot];
  }

  /** As they stand in the prompt. @param {string} id @returns {Map<string, any> | undefined} */
  inputsOf(id) {
    const inputs = this.prompt.get(id)?.get("inputs");
    return inputs instanceof Map ? inputs : this.prompt.has(id) ? new Map() : undefined;
  }

  /** With links followed. @param {string} id @returns {Record<string, any>} */
  inputs(id) {
    const values = [...(this.inputsOf(id) ?? [])];
    return Object.fromEntries(values.map(([name, value]) => [name, isLink(value) ? this.output(value) : plain(value)]));
  }

  /** @param {string} id */
  meta(id) {
    const ids = this.idsOf(id);
    return { node_id: id, display_node: ids.display, parent_node: ids.parent, real_node_id: ids.real };
  }

  /** @param {string} id @param {any} output */
  sendExecuted(id, output) {
    this.send("executed", { node: id, display_node: this.realId(id), output, prompt_id: this.promptId });
  }

  /** @param {string} id @param {any} error */
  failed(id, error) {
    this.success = false;
    const real = this.realId(id);
    const about = {
      prompt_id: this.promptId,
      node_id: real,
      node_type: this.prompt.get(real).get("class_type"),
      executed: [...this.executed],
    };
    if (error instanceof Interrupted) return this.message("execution_interrupted", about, true);
    const inputs = Object.entries(this.inputs(id)).map(([name, value]) => [name, [format(value)]]);
    this.message("execution_error", {
      ...about,
      exception_message: `${error instanceof Error ? error.message : str(error)}\n`,
      exception_type: error instanceof Error && error.name !== "Error" ? error.name : "RuntimeError",
      traceback: TRACEBACK,
      current_inputs: Object.fromEntries(inputs),
      current_outputs: [...this.item.prompt.keys()],
    });
  }

  historyItem() {
    // Old servers collect them from a set of node ids, new ones in the order in which they came.
    const ids = [...this.ui.keys()];
    const shown = this.sim.version === "old" ? this.sim.outputOrder(ids) : ids;
    /** @param {"output" | "meta"} part */
    const collect = (part) => new Map(shown.map((/** @type {string} */ id) => [id, this.ui.get(id)?.[part]]));
    const status_str = this.success ? "success" : "error";
    return new Map()
      .set("prompt", null)
      .set("outputs", collect("output"))
      .set("status", { status_str, completed: this.success, messages: this.messages })
      .set("meta", collect("meta"));
  }
}

/** Numbers and strings as they are, anything else as Python would show it. @param {any} value */
function format(value) {
  if (value === null || ["string", "number", "boolean", "bigint"].includes(typeof value)) return value;
  if (Array.isArray(value) && value[0]?.width) {
    return `tensor(shape=[${value.length}, ${value[0].height}, ${value[0].width}, ${value[0].channels ?? 1}])`;
  }
  return str(value && typeof value === "object" && !(value instanceof Map) ? new Map(Object.entries(value)) : value);
}

// @ts-check
// Executes one prompt and sends the frames of ComfyUI in the recorded order.
import { ResultCache } from "./result-cache.js";
import { ExecutionOrder, isLink } from "./execution-order.js";
import { plain } from "../python/json.js";
import { ProgressRegistry } from "./progress-registry.js";
import { NodeContext } from "./node-context.js";
import { str } from "../python/values.js";

const TRACEBACK = ["Traceback (most recent call last): (left out by the simulator)\n"];

/** Thrown at a node's next step after POST /interrupt. */
export class Interrupted extends Error {}

/** Thrown when the prompt is dropped without a frame: close, restart, vanish. */
export class PromptDropped extends Error {}

/** ComfyUI's ExecutionBlocker: an output that blocks the nodes behind it without failing the prompt. */
export class Blocked {
  /** @param {string | null} message */
  constructor(message) {
    this.message = message;
  }
}

export class Execution {
  /**
   * @param {import("../server/server-process.js").ServerProcess} server
   * @param {import("../server/prompt-queue.js").QueueItem} item
   */
  constructor(server, item) {
    this.server = server;
    this.item = item;
    this.sim = server.sim;
    this.promptId = item.promptId;
    /** @type {string | null} */
    this.clientId = item.extraData.has("client_id") ? item.extraData.get("client_id") : null;
    this.nodes = server.sim.nodes;
    /** The prompt with the nodes created by expansion. */
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
    /** Results of expanded nodes, links into their inner nodes included. @type {Map<string, any[]>} */
    this.expanded = new Map();
    /** Outputs of this prompt's nodes. @type {Map<string, any[]>} */
    this.results = new Map();
    this.interrupted = false;
    this.abort = new AbortController();
    /** @type {Promise<void> | undefined} */
    this.held = undefined;
    this.success = true;
    /** The node that a reconnecting client's `executing` frame names. @type {string | null} */
    this.lastNodeId = null;
    // Prompts that run at once do not share a cache.
    this.cache = server.sim.workers > 1 ? new ResultCache() : server.cache;
  }

  /** @param {string} type @param {any} data */
  send(type, data) {
    this.server.sockets.send({ type, data, promptId: this.promptId }, this.clientId);
  }

  /**
   * Sends a message and keeps it for history. Without a client id only an interruption is sent, to every client.
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
    this.abort.abort(new PromptDropped());
  }

  /** Halts the run at its next gate until a promise settles. @param {Promise<void>} over */
  hold(over) {
    this.held = over;
  }

  /** A point at which the run can be held or dropped. */
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
   * Executes the prompt.
   * @returns {Promise<Map<string, any>>} the history item
   */
  async run() {
    const { cache } = this;
    this.message("execution_start", { prompt_id: this.promptId });
    cache.open(this.prompt, this.nodes, this.parents);
    const cached = [...this.prompt.keys()].filter((id) => cache.get(id));
    this.message("execution_cached", { nodes: cached, prompt_id: this.promptId });

    const order = new ExecutionOrder(
      (id) => this.inputsOf(id),
      (id, input) => this.isLazy(id, input),
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
    const results = this.expanded.get(id);
    if (results) return this.finishNode(id, results.map((value) => (isLink(value) ? this.output(value) : value)), order);
    this.progress.start(id);
    this.sendProgressState();
    if (this.clientId !== null) {
      this.lastNodeId = this.realId(id);
      this.send("executing", { node: id, display_node: this.realId(id), prompt_id: this.promptId });
    }
    const inputs = this.inputs(id);
    const wanted = this.wantedLazyInputs(id, inputs);
    for (const [from] of wanted) order.link(from, id);
    if (wanted.length > 0) return;
    const context = new NodeContext(this, id, inputs);
    const blocked = Object.values(inputs).find((value) => value instanceof Blocked);
    const answer = blocked ? this.block(id, blocked) : await this.call(id, context);
    if (answer.ui) {
      this.ui.set(id, { output: answer.ui, meta: this.meta(id) });
      if (this.clientId !== null) this.sendExecuted(id, answer.ui);
    }
    if (answer.expand) this.expand(id, answer, order);
    else this.finishNode(id, answer.result, order);
  }

  /** @param {string} id @param {any[]} outputs @param {ExecutionOrder} order */
  finishNode(id, outputs, order) {
    this.results.set(id, outputs);
    this.cache.set(id, { outputs, ui: this.ui.get(id) ?? null });
    this.progress.finish(id);
    this.sendProgressState();
    this.executed.add(id);
    order.finish(id);
  }

  /**
   * Links of the lazy inputs that the node asks for and that have no result yet.
   * @param {string} id @param {Record<string, any>} inputs
   * @returns {any[][]}
   */
  wantedLazyInputs(id, inputs) {
    const asked = this.definition(id).check_lazy_status?.(inputs) ?? [];
    const links = asked.map((name) => this.inputsOf(id)?.get(name)).filter(isLink);
    return links.filter((link) => !this.hasResult(link[0]));
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
    // Yields between nodes so that sockets are served, as a real server does.
    await new Promise(setImmediate);
    await this.gate();
    this.throwIfStopped();
    const returned = (await this.definition(id).run?.(context)) ?? [];
    if (context.failure && injected?.atStep !== undefined) throw context.failure;
    this.abort.signal.throwIfAborted();
    return Array.isArray(returned) ? { result: returned } : { result: [], ...returned };
  }

  /**
   * Result of a node with a blocked input: it does not run, and sends an error if the blocker has a message.
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
   * Adds the nodes that a node expands into, with ids such as `12:3.0.0.1`. The node finishes once those are done that
   * its results link to.
   * @param {string} id @param {any} answer @param {ExecutionOrder} order
   */
  expand(id, answer, order) {
    for (const [inner, node] of Object.entries(answer.expand)) {
      const inputs = node.inputs instanceof Map ? node.inputs : new Map(Object.entries(node.inputs ?? {}));
      this.prompt.set(inner, new Map().set("class_type", node.class_type).set("inputs", inputs));
      this.parents.set(inner, id);
    }
    for (const inner of Object.keys(answer.expand)) if (this.definition(inner).output_node) order.add(inner);
    for (const value of answer.result) if (isLink(value)) order.link(value[0], id);
    this.expanded.set(id, answer.result);
  }

  /** @param {any[]} link */
  output([from, slot]) {
    return (this.results.get(from) ?? this.cache.get(from)?.outputs ?? [])[slot];
  }

  /** @param {string} id */
  hasResult(id) {
    return this.results.has(id) || this.cache.get(id) !== undefined;
  }

  /** @param {string} id @param {string} input */
  isLazy(id, input) {
    const { required, optional } = this.definition(id).input ?? {};
    return Boolean((required?.[input] ?? optional?.[input])?.[1]?.lazy);
  }

  /** Inputs of a node as in the prompt. @param {string} id @returns {Map<string, any> | undefined} */
  inputsOf(id) {
    const inputs = this.prompt.get(id)?.get("inputs");
    return inputs instanceof Map ? inputs : this.prompt.has(id) ? new Map() : undefined;
  }

  /** Inputs of a node with links resolved. @param {string} id @returns {Record<string, any>} */
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
    // Old servers list the outputs in the order of a Python set, new ones in the order of execution.
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

/** A value in `current_inputs`: primitives unchanged, anything else as Python's `str`. @param {any} value */
function format(value) {
  if (value === null || ["string", "number", "boolean", "bigint"].includes(typeof value)) return value;
  if (Array.isArray(value) && value[0]?.width) {
    return `tensor(shape=[${value.length}, ${value[0].height}, ${value[0].width}, ${value[0].channels ?? 1}])`;
  }
  return str(value && typeof value === "object" && !(value instanceof Map) ? new Map(Object.entries(value)) : value);
}

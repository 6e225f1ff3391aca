// @ts-check
// What is to be run: a workflow, a prompt, or what a picture carries of either, and how it is drawn.
import { Workflow } from "comfyui-autoflow";
import { columnGraph } from "../graph/column-graph.js";
import { editorGraph } from "../graph/editor-graph.js";
import { isLink } from "../graph/graph.js";

/** Inputs that a new seed goes into. */
const SEEDS = new Set(["seed", "noise_seed"]);

export class Flow {
  /**
   * @param {string} name
   * @param {import("comfyui-autoflow").ApiFlow} api
   * @param {Record<string, any>} classes of the server that it was read with
   * @param {any} [workflow] where its nodes are placed
   */
  constructor(name, api, classes, workflow = api.workflow) {
    this.name = name;
    this.api = api;
    this.classes = classes;
    this.prompt = api.prompt;
    this.workflow = workflow;
    /** Whether the editor has placed its nodes. */
    this.placed = Boolean(workflow?.nodes?.length);
  }

  /**
   * @param {Blob} file
   * @param {string} name
   * @param {import("./server.js").Server} server whose schema a conversion needs
   */
  static async read(file, name, server) {
    const objectInfo = await server.schema();
    return new Flow(name, await Workflow.load(file, { objectInfo }), server.classes);
  }

  /** @param {string[]} [path] ids of subgraph instances to go into */
  graph(path = []) {
    return this.placed ? editorGraph(this.workflow, this.prompt, path) : columnGraph(this.prompt, this.classes);
  }

  /** @param {string} id */
  titleOf(id) {
    const node = this.prompt[id];
    return node?._meta?.title || this.classes[node?.class_type]?.display_name || node?.class_type || `node ${id}`;
  }

  /** The values of a node that can be changed. @param {string} id */
  valuesOf(id) {
    return Object.entries(this.prompt[id]?.inputs ?? {}).filter(([, value]) => !isLink(value, this.prompt));
  }

  /** What an input may be: its type, its choices. @param {string} id @param {string} name */
  inputOf(id, name) {
    const { required, optional } = this.classes[this.prompt[id]?.class_type]?.input ?? {};
    const [type, options = {}] = required?.[name] ?? optional?.[name] ?? [];
    const choices = Array.isArray(type) ? type : options.options;
    return { type: Array.isArray(type) ? "COMBO" : type, options, choices: Array.isArray(choices) ? choices : undefined };
  }

  /** As the editor does after each run: otherwise the server has everything already. */
  newSeeds() {
    for (const node of Object.values(this.prompt)) {
      for (const [name, value] of Object.entries(node.inputs)) {
        if (SEEDS.has(name) && typeof value === "number") node.inputs[name] = Math.floor(Math.random() * 2 ** 48);
      }
    }
  }

  get ids() {
    return Object.keys(this.prompt);
  }
}

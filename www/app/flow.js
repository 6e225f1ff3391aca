// @ts-check
// What is run: a prompt, with the workflow that it was converted from and how it is drawn.
import { Workflow } from "comfyui-autoflow";
import { columnGraph } from "../graph/column-graph.js";
import { editorGraph } from "../graph/editor-graph.js";
import { isLink } from "../graph/graph.js";
import { unknownTypesOf, workflowOf } from "./unknown-types.js";

export class Flow {
  /**
   * @param {string} name
   * @param {import("comfyui-autoflow").ApiFlow | null} api null where it cannot be converted
   * @param {import("./node-classes.js").NodeClasses} classes of the server that it was read with
   * @param {any} [workflow] with the positions of its nodes
   */
  constructor(name, api, classes, workflow = api?.workflow) {
    this.name = name;
    this.api = api;
    this.classes = classes;
    /** @type {Record<string, any>} */
    this.prompt = api?.prompt ?? {};
    this.workflow = workflow;
    /** Whether the editor has placed its nodes. */
    this.placed = Boolean(workflow?.nodes?.length);
    /** Why it cannot be run, or was read without the server. @type {unknown} */
    this.problem = null;
    /** Classes that the server lacks. @type {Set<string>} */
    this.missing = new Set();
  }

  /**
   * @param {Blob} file
   * @param {string} name
   * @param {import("./server.js").Server} server whose object info a conversion needs
   */
  static async read(file, name, server) {
    let objectInfo;
    try {
      objectInfo = await server.schema();
    } catch (problem) {
      // A prompt needs no object info, so a server that sends a broken one does not keep it from being run.
      const api = await Workflow.load(file).catch(() => null);
      if (!api) throw problem;
      return Object.assign(new Flow(name, api, server.classes), { problem });
    }
    try {
      return new Flow(name, await Workflow.load(file, { objectInfo }), server.classes);
    } catch (problem) {
      const unknown = unknownTypesOf(problem);
      const workflow = unknown.length ? await workflowOf(file) : null;
      if (!workflow) throw problem;
      const missing = new Set(unknown.map(({ type }) => type));
      return Object.assign(new Flow(name, null, server.classes, workflow), { problem, missing });
    }
  }

  /** @param {string[]} [path] ids of subgraph instances to go into */
  graph(path = []) {
    const graph = this.placed ? editorGraph(this.workflow, this.prompt, path) : columnGraph(this.prompt, this.classes);
    for (const node of graph.nodes) node.missing = this.missing.has(node.type);
    return graph;
  }

  /** @param {string} id */
  titleOf(id) {
    const node = this.prompt[id];
    return String(node?._meta?.title || this.classes.get(node?.class_type)?.title || node?.class_type || `node ${id}`);
  }

  /** The values of a node that can be changed. @param {string} id */
  valuesOf(id) {
    return Object.entries(this.prompt[id]?.inputs ?? {}).filter(([, value]) => !isLink(value, this.prompt));
  }

  /** Type, options and choices of an input. @param {string} id @param {string} name */
  inputOf(id, name) {
    const [type, options = {}] = this.classes.get(this.prompt[id]?.class_type)?.inputs.get(name) ?? [];
    const choices = Array.isArray(type) ? type : options.options;
    const known = typeof type === "string" ? type : undefined;
    return { type: Array.isArray(type) ? "COMBO" : known, options, choices: Array.isArray(choices) ? choices : undefined };
  }

  /** New seeds, as the editor sets them after each run: otherwise every node is cached. */
  newSeeds() {
    this.api?.seed();
  }

  get ids() {
    return Object.keys(this.prompt);
  }
}

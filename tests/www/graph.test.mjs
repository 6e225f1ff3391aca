// @ts-check
// What is drawn, from what: workflows, prompts, events.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/paths.mjs";
import { columnGraph } from "../../www/graph/column-graph.js";
import { editorGraph } from "../../www/graph/editor-graph.js";
import { boundsOf, boxOf, isLink, textOf } from "../../www/graph/graph.js";
import { readClasses } from "../../www/app/node-classes.js";
import { NodeStates } from "../../www/app/node-states.js";
import { EventLog, filtered } from "../../www/app/event-log.js";
import { example } from "./open-page.mjs";

/** @param {string} type @param {Record<string, any>} data @param {Record<string, any>} [fields] @returns {any} */
function event(type, data, fields = {}) {
  return { type, data, ts: 1, nodes_completed: [], nodes_skipped: [], node_current: null, ...fields };
}

test("nodes stand where the editor put them, wires run from slot to slot in the colour of their type", () => {
  const workflow = JSON.parse(example("text-to-image.workflow.json"));
  const { nodes, wires, groups } = editorGraph(workflow, {});
  const sampler = nodes.find(({ id }) => id === "3");
  assert.deepEqual([sampler?.x, sampler?.y, sampler?.width], [520, 110, 340]);
  assert.equal(wires.length, workflow.links.length);
  assert.deepEqual(wires.filter(({ to }) => to === sampler).map(({ type }) => type).sort(), ["CONDITIONING", "CONDITIONING", "LATENT", "MODEL"]);
  assert.deepEqual(groups.map(({ title }) => title), ["Model and size", "Words", "Sampling", "Picture"]);
});

test("a node shows the values of the prompt on its rows, and long texts get the height that is left", () => {
  const workflow = JSON.parse(example("text-to-image.workflow.json"));
  const prompt = { 6: { class_type: "CLIPTextEncode", inputs: { text: "a long text, ".repeat(9), clip: ["4", 1] } }, 4: {} };
  const node = editorGraph(workflow, prompt).nodes.find(({ id }) => id === "6");
  assert.equal(node?.rows.length, 1);
  assert.ok((node?.rows[0].height ?? 0) > 60);
});

test("inside of a subgraph, ids are those of the prompt and wires reach its rims", () => {
  const workflow = JSON.parse(example("upscale-in-a-subgraph.workflow.json"));
  const { nodes, wires, names } = editorGraph(workflow, {}, ["4"]);
  assert.deepEqual(names, ["Two passes"]);
  assert.ok(nodes.some(({ id, title }) => id === "4:12" && title === "First pass"));
  assert.equal(wires.length, workflow.definitions.subgraphs[0].links.length);
  assert.equal(wires.filter(({ from }) => from.id === "4:in").length, 8);
});

test("what a file leaves out or gets wrong is no reason not to draw the rest", () => {
  const nodes = [{ id: 1, type: "A" }, { id: 2, type: "B", pos: { 0: 5, 1: 6 }, size: { 0: 100, 1: 50 }, outputs: [{}] }];
  const graph = editorGraph({ nodes, links: [[1, 9, 0, 1, 0, "X"], null, [2, 2, 0, 1, 3, "X"]].filter(Boolean) }, {});
  assert.equal(graph.nodes.length, 2);
  assert.equal(graph.wires.length, 0);
  assert.equal(graph.nodes[1].x, 5);
});

test("a prompt is laid out in columns: everything to the right of what it needs, nothing on top of another", () => {
  const prompt = JSON.parse(example("text-to-image.json"));
  const { nodes, wires } = columnGraph(prompt, new Map());
  for (const { from, to } of wires) assert.ok(from.x + from.width < to.x, `${from.title} before ${to.title}`);
  for (const a of nodes) {
    for (const b of nodes) {
      const [one, other] = [boxOf(a), boxOf(b)];
      const apart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
      assert.ok(a === b || apart, `${a.title} and ${b.title}`);
    }
  }
  assert.ok(Number.isFinite(boundsOf({ nodes, wires, groups: [], path: [], names: [] }).width));
});

test("a chain of thousands is laid out, and so is a cycle", () => {
  const chain = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [at, { class_type: "A", inputs: at ? { a: [String(at - 1), 0] } : {} }]));
  const last = columnGraph(chain, new Map()).nodes.find(({ id }) => id === "4999");
  assert.equal(last?.x, 4999 * 340);
  const cycle = { 1: { class_type: "A", inputs: { a: ["2", 0] } }, 2: { class_type: "A", inputs: { a: ["1", 0] } } };
  assert.equal(columnGraph(cycle, new Map()).nodes.length, 2);
});

test("states follow the events: cached, running with its steps, done, failed", () => {
  const states = new NodeStates(["1", "2", "3", "4"]);
  states.take(event("execution_cached", { nodes: ["1"] }, { nodes_skipped: ["1"] }));
  states.take(event("progress", {}, { nodes_skipped: ["1"], node_current: "2", node_progress_value: 3, node_progress_max: 9 }));
  assert.deepEqual([states.get("1").state, states.get("2").state, states.get("2").value, states.get("3").state], ["cached", "running", 3, "waiting"]);
  assert.equal(states.running, true);
  states.take(event("executing", {}, { nodes_skipped: ["1"], nodes_completed: ["2"], node_current: "3", ts: 4 }));
  assert.deepEqual([states.get("2").state, states.get("2").seconds], ["done", 3]);
  states.take(event("error", { node_id: "3" }, { nodes_skipped: ["1"], nodes_completed: ["2"] }));
  assert.deepEqual([states.get("3").state, states.get("4").state, states.running], ["failed", "waiting", false]);
});

test("a subgraph's instance sums up its inside, and nodes made while running stand for their maker", () => {
  const states = new NodeStates(["7:1", "7:2", "8"]);
  const instance = { id: "7", subgraph: true };
  states.take(event("executing", {}, { node_current: "7:1" }));
  assert.deepEqual([states.of(instance).state, states.of(instance).value, states.of(instance).max], ["running", 0, 2]);
  states.take(event("executing", {}, { nodes_completed: ["7:1", "7:2"], node_current: "8.0.0.1" }));
  assert.equal(states.of(instance).state, "done");
  assert.equal(states.get("8").state, "running");
});

test("the log gives up old snapshots of long prompts, and nothing else", () => {
  const log = new EventLog();
  for (let at = 0; at < 1000; at += 1) {
    log.add(event("progress", { value: at, max: 1000 }));
    log.add(event("progress_state", { nodes: {} }));
  }
  assert.equal(log.count, 2000);
  assert.equal(filtered(log.events, "", new Set(["progress_state"])).length, 1000);
  assert.ok(log.events.length <= 1400);
  assert.equal(filtered(log.events, "progress 998", new Set()).length, 1);
});

test("numbers are shown with all their digits, fractions with six", () => {
  const shown = [149792909864107, 9007199254740991, -3, 0, 7.5, 0.1 + 0.2, 1e-9, 18446744073709551615n].map(textOf);
  assert.deepEqual(shown, ["149792909864107", "9007199254740991", "-3", "0", "7.5", "0.3", "0", "18446744073709551615"]);
});

test("names of the language are no nodes of a prompt", () => {
  assert.equal(isLink(["constructor", 0], {}), false);
  assert.equal(isLink(["__proto__", 0], {}), false);
});

test("whatever a server says of its node classes, the page can draw them", () => {
  const classes = readClasses('{"A": null, "B": {"input": 7, "output": "X", "output_name": {}, "display_name": []}, "C": [], "D": {"output": [null, {}]}}');
  const prompt = Object.fromEntries(["A", "B", "C", "D", "constructor"].map((name) => [name, { class_type: name, inputs: {} }]));
  assert.equal(columnGraph(prompt, classes).nodes.length, 5);
  for (const text of ["", "[]", "null", "7", "<html>"]) assert.equal(readClasses(text).size, 0);
});

test("a node that was not needed is told apart from one that was cached", () => {
  const states = new NodeStates(["1", "2", "3"]);
  states.take(event("execution_cached", { nodes: ["1"] }, { nodes_skipped: ["1"] }));
  states.take(event("executing", { node: null }, { nodes_skipped: ["1", "2"], nodes_completed: ["3"] }));
  assert.deepEqual(states.passedOver(), { cached: 1, unused: 1, refused: 0 });
  assert.deepEqual([states.get("1").unused, states.get("2").unused, states.get("3").state], [false, true, "done"]);
});

test("a link that only the prompt has is drawn from the node that broadcasts it", () => {
  const node = (/** @type {number} */ id, /** @type {string} */ type, /** @type {any} */ more) => ({ id, type, pos: [id * 300, 0], size: [200, 80], ...more });
  const workflow = {
    nodes: [
      node(1, "CheckpointLoaderSimple", { outputs: [{ name: "MODEL", type: "MODEL", links: [7] }, { name: "CLIP", type: "CLIP" }] }),
      node(2, "Anything Everywhere", { inputs: [{ name: "anything", type: "*", link: 7 }] }),
      node(3, "KSampler", { inputs: [{ name: "model", type: "MODEL", link: null }, { name: "clip", type: "CLIP", link: null }] }),
    ],
    links: [[7, 1, 0, 2, 0, "MODEL"]],
  };
  const prompt = { 1: { class_type: "X", inputs: {} }, 3: { class_type: "KSampler", inputs: { model: ["1", 0], clip: ["1", 1] } } };
  const implied = editorGraph(workflow, prompt).wires.filter((wire) => wire.implied);
  assert.deepEqual(
    implied.map(({ from, fromInput, to, input, type }) => [from.id, Boolean(fromInput), to.id, input.name, type]),
    [
      ["2", true, "3", "model", "MODEL"],
      ["1", false, "3", "clip", "CLIP"],
    ],
  );
  assert.deepEqual(editorGraph(workflow, {}).wires.filter((wire) => wire.implied), []);
});

test("what a subgraph broadcasts of its own inputs is drawn inside of it", () => {
  const read = (/** @type {string} */ name) => JSON.parse(fs.readFileSync(path.join(root, "tests/packs/use_everywhere", name), "utf8"));
  const { wires } = editorGraph(read("sub-cur.json"), read("sub-cur.prompt.json"), ["2"]);
  const implied = wires.filter((wire) => wire.implied).map(({ from, to, input }) => [from.id, to.id, input.name]);
  assert.ok(implied.some(([from, to, input]) => from === "2:106" && to === "2:102" && input === "model"), String(implied));
});

test("examples have no links that are not in the file", () => {
  const workflow = JSON.parse(example("text-to-image.workflow.json"));
  const prompt = JSON.parse(example("text-to-image.json"));
  assert.deepEqual(editorGraph(workflow, prompt).wires.filter((wire) => wire.implied), []);
});

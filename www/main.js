// @ts-check
// The demo page. Connects its parts; everything about ComfyUI is left to the package.
import { byId, make, write } from "./app/dom.js";
import { onDrop } from "./app/drop.js";
import { examples } from "./app/examples.js";
import { explain, explainRefusal } from "./app/explain.js";
import { Flow } from "./app/flow.js";
import { onFrame } from "./app/frame.js";
import { forgetRun, keepRun, keptRun } from "./app/kept-run.js";
import { Run } from "./app/run.js";
import { Server } from "./app/server.js";
import { readSettings, saveSettings } from "./app/settings.js";
import { GraphView } from "./graph/graph-view.js";
import { Bar } from "./panels/bar.js";
import { Gallery } from "./panels/gallery.js";
import { Log } from "./panels/log.js";
import { NodeList } from "./panels/nodes.js";
import { Notice } from "./panels/notice.js";
import { RunList } from "./panels/runs.js";
import { ServerPanel } from "./panels/server-panel.js";
import { SettingsDialog } from "./panels/settings-dialog.js";
import { Tabs } from "./panels/tabs.js";
import { Workflow } from "comfyui-autoflow";

let settings = readSettings();
let server = new Server(settings);
/** The opened workflow. @type {Flow | null} */
let flow = null;
/** @type {Run[]} */
const runs = [];
/** The displayed run. @type {Run | null} */
let run = null;
/** The run in progress. @type {Run | null} */
let active = null;
/** @type {string[]} */
let path = [];

const draw = onFrame(drawNow);
const view = new GraphView(byId("graph"), { onSelect: select, onOpen: enter, onLeave: leave });
const bar = new Bar();
const gallery = new Gallery();
const nodes = new NodeList({
  onSelect: showNode,
  onEdit: () => showGraph({ fit: false }),
  choices: (classType, input) => server.choices(classType, input),
});
const log = new Log(draw);
const runList = new RunList(showRun);
const serverPanel = new ServerPanel();
const notice = new Notice({ onNode: showNode, onSettings: openSettings, titleOf: (id) => flow?.titleOf(id) ?? id });
const tabs = new Tabs(["results", "nodes", "events", "runs", "server"], draw);
const dialog = new SettingsDialog(changeSettings);

function drawNow() {
  byId("cancel").hidden = !active;
  byId("run").disabled = Boolean(active) || !flow?.api;
  write(byId("run-label"), runs.length ? "Run again" : "Run");
  write(byId("event-count"), String(run?.log.count ?? 0));
  write(byId("run-count"), String(runs.length));
  view.states = run?.states ?? null;
  view.draw();
  drawPanel(() => bar.draw(run));
  if (tabs.shown === "results") drawPanel(() => gallery.draw(run));
  if (tabs.shown === "nodes") drawPanel(() => nodes.draw(flow, run));
  if (tabs.shown === "events") drawPanel(() => log.draw(run));
  if (tabs.shown === "runs") drawPanel(() => runList.draw(runs, run));
  drawPanel(() => serverPanel.follow(tabs.shown === "server" ? server : null));
}

/** A panel that fails on malformed server data does not stop the others. @param {() => void} draw */
function drawPanel(draw) {
  try {
    draw();
  } catch (error) {
    console.error(error);
  }
}

// The workflow.

/** How many have been opened. Of two that are read at the same time, the later one is shown. */
let openings = 0;

/** @param {Blob} file @param {string} name */
async function open(file, name) {
  const opening = ++openings;
  notice.hide();
  /** @type {unknown} */
  let problem;
  try {
    const read = await Flow.read(file, name, server);
    if (opening !== openings) return;
    show(read);
    problem = read.problem;
  } catch (error) {
    if (opening !== openings) return;
    problem = error;
  }
  serverIs(server.objectInfo ? "good" : "bad");
  if (problem) complain(problem);
}

/** @param {Flow} opened */
function show(opened) {
  flow = opened;
  run = null;
  path = [];
  write(byId("name"), flow.name);
  showGraph();
  const warnings = flow.api?.warnings ?? [];
  if (!warnings.length) return;
  const title = warnings.length === 1 ? "Converted, with a warning" : `Converted, with ${warnings.length} warnings`;
  notice.show({ title, text: "", nodes: warnings.map(({ node, message }) => ({ node, text: message })) });
}

function showGraph({ fit = true } = {}) {
  if (!flow) return;
  const graph = flow.graph(path);
  view.show(graph, { fit });
  const crumbs = byId("crumbs");
  crumbs.hidden = path.length === 0;
  const places = [flow.name, ...graph.names];
  crumbs.replaceChildren(
    ...places.map((name, depth) =>
      depth === path.length
        ? make("span", { "aria-current": "location" }, name)
        : make("button", { type: "button", click: () => go(path.slice(0, depth)) }, name),
    ),
  );
  draw();
}

/** @param {string[]} to */
function go(to) {
  path = to;
  showGraph();
}

/** @param {string} id of a subgraph's instance */
function enter(id) {
  go(id.split(":"));
}

function leave() {
  if (path.length) go(path.slice(0, -1));
}

/** @param {string | null} id */
function select(id) {
  const members = id && flow && !flow.prompt[id];
  nodes.draw(flow, run);
  nodes.select(id);
  if (id && !members && tabs.shown !== "nodes") tabs.show("nodes");
}

/** Shows a node, in its subgraph. @param {string} id */
function showNode(id) {
  const place = flow?.placed ? id.split(":").slice(0, -1) : [];
  if (place.join(":") !== path.join(":")) go(place);
  view.select(id);
  select(id);
}

// Runs.

async function start() {
  if (!flow?.api || active) return;
  notice.hide();
  if (settings.newSeed && runs.length) {
    flow.newSeeds();
    showGraph({ fit: false });
  }
  await follow(new Run(flow, settings, changed), (run) => run.start());
}

/** @param {Run} begun @param {(run: Run) => Promise<void>} begin */
async function follow(begun, begin) {
  run = active = begun;
  runs.push(begun);
  draw();
  try {
    await begin(begun);
  } finally {
    active = null;
    forgetRun();
    draw();
  }
  serverIs(begun.state === "refused" && !begun.promptId ? "bad" : "good");
  if (run === begun) report(begun);
}

function changed() {
  if (active?.promptId && active !== kept) keepRun((kept = active));
  draw();
}
/** @type {Run | null} */
let kept = null;

/** Picks up the run that was active before a reload. */
async function pickUp() {
  const kept = keptRun();
  if (!kept || kept.serverUrl !== settings.serverUrl) return false;
  const opening = ++openings;
  try {
    await server.schema();
    const api = await Workflow.load(kept.prompt);
    // Another file has been opened: the run is left to the server.
    if (opening !== openings) return true;
    show(new Flow(kept.name, api, server.classes, kept.workflow));
  } catch {
    return opening !== openings;
  }
  serverIs("good");
  follow(new Run(/** @type {Flow} */ (flow), settings, changed), (run) => run.resume(kept.promptId, kept.clientId));
  return true;
}

/** @param {Run} chosen */
function showRun(chosen) {
  run = chosen;
  notice.hide();
  if (chosen.flow !== flow) {
    flow = chosen.flow;
    path = [];
    write(byId("name"), flow.name);
    showGraph();
  }
  report(chosen);
  draw();
}

/** Shows why a run failed, or what the server refused of it. @param {Run} ended */
function report(ended) {
  if (ended.error) complain(ended.error);
  else if (Object.keys(ended.nodeErrors).length) notice.show(explainRefusal(ended.nodeErrors));
}

// The server.

function openSettings() {
  dialog.open(settings);
}

/** @param {import("./app/settings.js").Settings} changed */
async function changeSettings(changed) {
  const other = changed.serverUrl !== settings.serverUrl || changed.apiKey !== settings.apiKey;
  settings = changed;
  saveSettings(settings);
  if (!other) return;
  server = new Server(settings);
  await reach();
}

/** Fetches the object info, which shows whether the server is reachable, and opens the first example if none is open. */
async function reach() {
  const opening = openings;
  notice.hide();
  serverIs("asking");
  try {
    await server.schema();
    serverIs("good");
    if (!flow && opening === openings) await openExample(0);
  } catch (error) {
    serverIs("bad");
    complain(error);
  }
}

/** @param {"good" | "bad" | "asking"} state */
function serverIs(state) {
  byId("server-dot").dataset.state = state;
  write(byId("server-name"), settings.serverUrl.replace(/^https?:\/\//, ""));
  const words = { good: "answers", bad: "does not answer this page", asking: "is being asked" }[state];
  byId("server").title = `${settings.serverUrl} ${words}`;
}

/** @param {unknown} error */
function complain(error) {
  notice.show(explain(error, settings.serverUrl));
}

// User input.

/** @param {File} file */
async function openOwn(file) {
  byId("examples").selectedIndex = examples.length;
  await open(file, file.name);
}

/** @param {number} at */
async function openExample(at) {
  const { file, content } = examples[at];
  byId("examples").selectedIndex = at;
  await open(new Blob([JSON.stringify(content)], { type: "application/json" }), file);
}

byId("examples").append(...examples.map(({ name }) => make("option", {}, name)), make("option", { hidden: true }, "Examples"));
byId("examples").addEventListener("change", () => openExample(byId("examples").selectedIndex));
byId("open").addEventListener("click", () => byId("file").click());
byId("file").addEventListener("change", async () => {
  const [file] = byId("file").files;
  if (file) await openOwn(file);
  byId("file").value = "";
});
byId("run").addEventListener("click", start);
byId("cancel").addEventListener("click", () => active?.cancel());
byId("server").addEventListener("click", openSettings);
byId("zoom-in").addEventListener("click", () => view.zoom(1.25));
byId("zoom-out").addEventListener("click", () => view.zoom(0.8));
byId("zoom-fit").addEventListener("click", () => view.fit());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => view.restyle());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !byId("settings").open) start();
});
document.addEventListener("visibilitychange", draw);

onDrop(openOwn);

serverIs("asking");
if (!(await pickUp())) await openExample(0);
draw();

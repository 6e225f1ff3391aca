// @ts-check
// What an event is: its fields, its data, what it can be used for, and what the callback may do with it.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, shownText, speaking, textToImage } from "./prompts.mjs";
import { SOON, awaiting, collectingReports, recorder, until } from "./runs.mjs";

/** The fields of every event, in order. */
const FIELDS = [
  "type",
  "data",
  "raw",
  "ts",
  "client_id",
  "prompt_id",
  "node_current",
  "nodes_total",
  "nodes_completed",
  "nodes_skipped",
  "nodes_done",
  "node_progress",
  "node_progress_value",
  "node_progress_max",
  "nodes_progress",
  "node_title",
  "node_type",
  "time_submitted",
  "time_queued_s",
  "time_elapsed_s",
  "node_execution_time_s",
];
const LISTS = ["nodes_total", "nodes_completed", "nodes_skipped", "nodes_done"];
const TIMES = FIELDS.slice(FIELDS.indexOf("time_submitted"));

/**
 * A run that brings events of every kind, and how to wait for it.
 *
 * @param {import("./harness.mjs").Api} api @param {import("./harness.mjs").Sim} sim
 */
async function everything(api, sim) {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  const clientId = "me";
  const options = { serverUrl: server.url, clientId, wait: true, previews: true, pollQueue: true, onEvent: heard };
  const { asked } = await awaiting(server, { asked: ["message"] });
  const prompt = { ...speaking("working"), 4: { class_type: "LabExpand", inputs: { count: 1, seed: 1 } } };
  const call = api.submit({ ...prompt, 5: { class_type: "PreviewImage", inputs: { images: ["4", 0] } } }, options);
  await Promise.all([asked, heard.heard("queue")]);
  await server.sendFrame({ type: "my_pack.noise", data: { early: true } }, clientId);
  await server.resume();
  await call;
  return { heard, end: heard.end() };
}

scenario("every event has the documented fields, and no others", async (api, sim) => {
  const { heard } = await everything(api, sim);
  const kinds = [
    "submitted", "connection", "status", "queue", "execution_start", "execution_cached", "executing", "progress",
    "progress_state", "preview", "progress_text", "executed", "execution_success", "completed",
  ];
  for (const kind of kinds) ok(heard.of(kind).length > 0, `no ${kind} among ${[...new Set(heard.types())]}`);
  for (const event of heard.events) {
    equal(Object.keys(event).filter((key) => key !== "detected_by"), FIELDS, event.type);
    equal(event.detected_by, event.type === "queue" ? "queue" : undefined, event.type);
    equal(event.client_id, "me");
    const { type, data, raw } = /** @type {any} */ (event);
    equal([typeof data, Array.isArray(data)], ["object", false], `data of ${type}`);
    if (["submitted", "connection", "queue", "progress_text"].includes(type)) equal(raw, null, type);
    else if (type === "preview") equal(raw.node_id, data.node_id);
    else if (type === "completed") equal([raw.type, raw.data], ["executing", data]);
    else equal([raw.type, raw.data], [type, data]);
  }
  const { data } = heard.of("queue")[0];
  equal(data, { position: 1, running: 0, pending: 1 });
  equal(heard.of("connection")[0].data, { state: "open", reason: "the socket is open", attempt: 0 });
  equal(heard.of("submitted")[0].data, {});
});

scenario("times are in seconds, and fit each other", async (api, sim) => {
  const { heard, end } = await everything(api, sim);
  for (const event of heard.events) {
    for (const name of TIMES) ok(/** @type {any} */ (event)[name] >= 0, `${name} of ${event.type}`);
    ok(Math.abs(event.ts - event.time_submitted - event.time_elapsed_s) < 0.002, `elapsed time of ${event.type}`);
  }
  ok(Math.abs(end.ts * 1000 - Date.now()) < 60_000, "Unix time");
  equal(new Set(heard.events.map((event) => event.time_submitted)).size, 1);
  const queued = heard.events.filter(({ type }) => type === "progress").map((event) => event.time_queued_s);
  equal(new Set(queued).size, 1, "the time in the queue stands still once it runs");
});

scenario("events survive structuredClone and JSON", async (api, sim) => {
  const { heard } = await everything(api, sim);
  for (const event of heard.events) {
    equal(structuredClone(event), event);
    if (event.type !== "preview") equal(JSON.parse(JSON.stringify(event)), event);
  }
});

scenario("lists of nodes are frozen, and shared between events until they change", async (api, sim) => {
  const { heard } = await everything(api, sim);
  for (const name of LISTS) {
    const lists = heard.events.map((event) => /** @type {any} */ (event)[name]);
    for (const [at, list] of lists.entries()) {
      ok(Object.isFrozen(list), `${name} can be changed`);
      const before = lists[at - 1] ?? list;
      if (list.length === before.length) ok(list === before, `${name} is made anew at ${heard.events[at].type}`);
      equal(list.slice(0, before.length), before, `${name} only grows`);
    }
  }
});

scenario("the nodes of the prompt are told in topological order; those made while running count for the node that shows them", async (api, sim) => {
  const { heard, end } = await everything(api, sim);
  const [first] = heard.events;
  const at = (/** @type {string} */ id) => first.nodes_total.indexOf(id);
  equal([...first.nodes_total].sort(), ["1", "2", "3", "4", "5"]);
  ok(at("1") < at("3") && at("3") < at("2") && at("4") < at("5"), `${first.nodes_total} is no topological order`);
  equal(end.nodes_total, first.nodes_total);
  equal([...end.nodes_done].sort(), ["1", "2", "3", "4", "5"]);
  const inner = heard.of("executing").filter(({ data }) => data.node?.startsWith("4."));
  equal(inner.map(({ data }) => data.node), ["4.0.0.1", "4.0.0.2"]);
  equal(inner.map((event) => [event.node_current, event.node_type]), [["4", "LabExpand"], ["4", "LabExpand"]]);
  const share = (/** @type {string} */ node) => heard.of("progress").filter(({ data }) => data.node === node).map((event) => event.nodes_progress);
  const steps = share("4.0.0.1");
  ok(steps.length > 1 && steps.every((value, at) => value > (steps[at - 1] ?? 0)), `${steps} grows with the steps of an inner node`);
});

scenario("events carry the title and the class of the current node", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const heard = recorder();
  const prompt = textToImage();
  prompt[3]._meta = { title: "Paint it" };
  delete prompt[9]._meta;
  await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard });
  const names = heard.of("executing").map((event) => [event.node_current, event.node_title, event.node_type]);
  equal(names.find(([id]) => id === "3"), ["3", "Paint it", "KSampler"]);
  equal(names.find(([id]) => id === "9"), ["9", null, "SaveImage"]);
  equal(names.find(([id]) => id === null), [null, null, null]);
});

scenario("the progress of a node is told in steps and in percent", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  await api.submit(counting({ steps: 3 }), { serverUrl: server.url, wait: true, onEvent: heard });
  const seen = heard.of("progress").map((event) => [event.node_current, event.node_progress_value, event.node_progress]);
  equal(seen, [["1", 1, 33], ["1", 2, 66], ["1", 3, 100]]);
  equal(heard.of("progress")[0].node_progress_max, 3);
  equal(heard.end().node_current, null);
});

scenario("frames that custom nodes invent come under their own names, whatever they hold", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal });
  const { prompt_id } = await heard.heard("progress");
  const frames = [
    { type: "my_pack.done", data: { path: "x", prompt_id } },
    { type: "my_pack.unnamed", data: { deep: { list: [1, null] } } },
    { type: "my_pack.list", data: ["a", 2] },
    { type: "my_pack.text", data: "text" },
    { type: "my_pack.nothing" },
    { type: "toString", data: {} },
    '{"type": "my_pack.nan", "data": {"x": NaN, "y": [-Infinity], "text": "NaN"}}',
    '{"data": {"large": 18446744073709551615}, "extra": 1, "type": "my_pack.large"}',
    '{"type": "my_pack.first", "data": {}}{"type": "my_pack.second", "data": {"at": 2}}',
    '{"type": "my_pack.last", "data": {"__proto__": {"x": 1}}}',
  ];
  for (const frame of frames) await server.sendFrame(frame);
  await heard.heard("my_pack.last");
  controller.abort();
  await call.catch(() => {});
  const data = (/** @type {string} */ type) => heard.of(type).map((event) => event.data);
  equal(data("my_pack.done"), [{ path: "x", prompt_id }]);
  equal(data("my_pack.unnamed"), [{ deep: { list: [1, null] } }]);
  equal(data("my_pack.list"), [{ messages: ["a", 2] }]);
  equal([data("my_pack.text"), data("my_pack.nothing"), data("toString")], [[{}], [{}], [{}]]);
  equal(data("my_pack.nan"), [{ x: null, y: [null], text: "NaN" }]);
  equal(data("my_pack.large"), [{ large: 2 ** 64 }]);
  equal(heard.of("my_pack.large")[0].raw.extra, 1);
  equal([data("my_pack.first"), data("my_pack.second")], [[{}], [{ at: 2 }]]);
  equal(/** @type {any} */ ({}).x, undefined, "no prototype is touched");
});

scenario("a frame cannot pass for an event that is made here", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal });
  const { prompt_id } = await heard.heard("progress");
  const own = ["completed", "connection", "error", "interrupted", "preview", "progress_text", "queue", "submitted"];
  const before = heard.types(...own).length;
  for (const type of own) await server.sendFrame(JSON.stringify({ type, data: { prompt_id, forged: true } }));
  await server.sendFrame({ type: "my_pack.last", data: {} });
  await heard.heard("my_pack.last");
  equal(heard.types(...own).length, before);
  for (const type of own) {
    equal(heard.of(`frame:${type}`).map(({ data, raw }) => [data.forged, raw.type]), [[true, type]]);
  }
  controller.abort();
  await call.catch(() => {});
});

scenario("no event changes once it was delivered, whatever a callback does to it", async (api, sim) => {
  const server = await sim.start({ lab: true });
  /** @type {[any, string][]} */
  const delivered = [];
  /** @type {string[]} */
  const whole = [];
  const onEvent = (/** @type {any} */ event) => {
    if (event.type === "preview") return;
    if (event.type === "progress_state") {
      whole.push(JSON.stringify(event.data));
      // What belongs to other events, too, is frozen.
      for (const entry of Object.values(event.data.nodes)) ok(Object.isFrozen(entry), "an entry can be changed");
      delete event.data.nodes["1"];
      event.data.nodes.mine = 1;
    }
    delivered.push([event, JSON.stringify(event)]);
  };
  await api.submit(counting({ steps: 6 }), { serverUrl: server.url, wait: true, onEvent });
  for (const [event, text] of delivered) equal(JSON.stringify(event), text);
  ok(whole.length > 2 && whole.every((text) => text.includes('"1":{') && !text.includes("mine")), "each is whole");
});

scenario("a frame of another prompt, whatever its type, does not come", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal });
  await heard.heard("progress");
  const prompt_id = crypto.randomUUID();
  for (const type of ["executing", "execution_error", "execution_interrupted", "execution_success", "my_pack.done"]) {
    await server.sendFrame({ type, data: { prompt_id, node: null, node_id: "1" } });
  }
  await server.sendFrame({ type: "my_pack.last", data: {} });
  await heard.heard("my_pack.last");
  controller.abort();
  await call.catch(() => {});
  equal(heard.events.filter(({ data }) => /** @type {any} */ (data).prompt_id === prompt_id), []);
});

scenario("a callback that throws, or rejects, is reported and does not stop the run", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const options = { serverUrl: server.url, wait: true };
  await collectingReports(async (reported) => {
    const heard = recorder();
    const throwing = (/** @type {any} */ event) => {
      heard(event);
      throw event.type;
    };
    await api.submit(shownText("a"), { ...options, onEvent: throwing });
    equal(heard.end().type, "completed");
    equal(reported, heard.types());
  });
  await collectingReports(async (reported) => {
    const rejecting = async (/** @type {any} */ event) => Promise.reject(event.type);
    await api.submit(shownText("b"), { ...options, onEvent: /** @type {any} */ (rejecting) });
    await until(() => reported.includes("completed"), "the last rejection is reported");
  });
});

scenario("chained callbacks are called in order; null and undefined are left out, and one that throws stops no other", async (api, sim) => {
  const server = await sim.start({ lab: true });
  /** @type {string[]} */
  const calls = [];
  const chain = api.chainCallbacks(
    null,
    (event) => calls.push(`first ${event.type}`),
    undefined,
    () => {
      throw "second";
    },
    (event) => calls.push(`third ${event.type}`),
  );
  await collectingReports(async (reported) => {
    await api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: chain });
    equal(reported.length, calls.length / 2);
  });
  equal(calls.slice(-2), ["first completed", "third completed"]);
  equal(api.chainCallbacks()(/** @type {any} */ ({})), undefined);
  await rejects(() => api.chainCallbacks(/** @type {any} */ (7)), { code: "bad_input" });
});

scenario("with a probe's end the data is that of the history, and everything else as ever", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, faults: { muteSocket: { at: 1 } } });
  const heard = recorder();
  await api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const { data, raw } = heard.end();
  equal(Object.keys(data).sort(), ["meta", "outputs", "prompt", "status"]);
  equal([raw.type, Object.keys(raw.data).sort()], ["history_completed", ["meta", "outputs", "prompt", "status"]]);
  equal(Object.keys(heard.end()).filter((key) => key !== "detected_by"), FIELDS);
});

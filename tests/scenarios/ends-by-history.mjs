// @ts-check
// Ends that no frame tells: they are found by asking the server, and say so.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, failing, shownText, textToImage } from "./prompts.mjs";
import { SOON, recorder } from "./runs.mjs";

const MUTED = { lab: true, stepMs: 0, faults: { muteSocket: { at: 1 } } };

scenario("a completed run that no frame told of ends by its history", async (api, sim) => {
  const server = await sim.start(MUTED);
  const heard = recorder();
  const run = await api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const end = heard.end();
  equal([end.type, end.detected_by, end.raw.type], ["completed", "history", "history_completed"]);
  equal(end.data.status.status_str, "success");
  equal(end.data.outputs["9"].images.length, 1);
  equal(Object.keys(end.data.meta), ["9"]);
  equal(end.data.prompt[1], run.promptId);
  equal(end.raw.data.status, end.data.status);
  equal(end.nodes_done.length, 7, "every node is done");
  equal(heard.of("connection").map(({ data }) => data.state), ["open", "polling"]);
  equal(run.status, "completed");
  equal(run.history, end.raw.data);
  equal((await run.fetchImages()).length, 1);
});

scenario("a failed run that no frame told of ends by its history, node and message named", async (api, sim) => {
  const server = await sim.start(MUTED);
  const heard = recorder();
  const call = api.submit(failing("boom"), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const error = await rejects(call, {
    code: "execution_error",
    nodeId: "3",
    nodeType: "LabFail",
    message: "Node 3 (LabFail) failed: boom",
  });
  const end = heard.end();
  equal([end.type, end.detected_by, end.raw.type], ["error", "history", "history_error"]);
  equal([end.data.node_id, end.data.node_type, end.data.exception_message], ["3", "LabFail", "boom\n"]);
  equal(end.data.status.status_str, "error");
  ok(error.event === end, "the error carries its event");
  equal(error.promptId, end.prompt_id);
});

scenario("an interrupted run that no frame told of ends by its history", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const { prompt_id } = await heard.heard("progress");
  await server["faults.muteSocket"]();
  await fetch(`${server.url}/interrupt`, { method: "POST", body: JSON.stringify({ prompt_id }) });
  const error = await rejects(call, { code: "interrupted", nodeId: "1", nodeType: "LabProgress" });
  const end = heard.end();
  equal([end.type, end.detected_by, end.raw.type], ["interrupted", "history", "history_interrupted"]);
  equal(error.event.data.node_id, "1");
});

scenario("a run of cached nodes only that no frame told of has every node done", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  await server["faults.muteSocket"]({ at: 1 });
  const heard = recorder();
  await api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const end = heard.end();
  equal([end.type, end.detected_by], ["completed", "history"]);
  equal([...end.nodes_skipped].sort(), ["3", "4", "5", "6", "7", "8", "9"]);
  equal(end.nodes_done.length, 7);
});

scenario("a run that waited behind others while the socket was silent ends by its history", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const ahead = await api.submit(counting({ seed: 7 }), { serverUrl: server.url });
  await server["faults.muteSocket"]({ at: 1 });
  const heard = recorder();
  const call = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const { data } = await heard.heard("queue");
  equal([data.position, data.pending], [2, 2], "one is ahead");
  await server.resume();
  await call;
  const end = heard.end();
  equal([end.type, end.detected_by], ["completed", "history"]);
  ok(ahead.promptId !== end.prompt_id, "its own end");
});

scenario("every output that no frame told of is told from the history before the end", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { muteSocket: { at: 1 } } });
  const prompt = Object.fromEntries(["a", "b", "c"].map((text, at) => [at + 1, shownText(text)[1]]));
  const heard = recorder();
  const run = await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  heard.end();
  const executed = heard.of("executed");
  equal(executed.map(({ data }) => [data.node, data.output.text[0]]), [["1", "a"], ["2", "b"], ["3", "c"]]);
  equal(executed.map(({ detected_by }) => detected_by), ["history", "history", "history"]);
  equal(run.outputs, { 1: { text: ["a"] }, 2: { text: ["b"] }, 3: { text: ["c"] } });
});

scenario("an output that a frame told of is not told again from the history", async (api, sim) => {
  // Everything behind the first output is lost, and there is no history before it was heard.
  const server = await sim.start({ lab: true, faults: { muteSocket: { at: 6 }, delayQueueLeave: true } });
  const heard = recorder();
  const prompt = { ...shownText("a"), 2: shownText("b")[1] };
  const call = api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await heard.heard("executed");
  await server["faults.release"]("delayQueueLeave");
  const run = await call;
  heard.end();
  equal(heard.of("executed").map(({ data, detected_by }) => [data.node, detected_by]), [["1", undefined], ["2", "history"]]);
  equal(Object.keys(run.outputs), ["1", "2"]);
});

scenario("what a run made before it failed is kept, though no frame told of it", async (api, sim) => {
  const server = await sim.start(MUTED);
  const heard = recorder();
  const call = api.submit(failing(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await rejects(call, { code: "execution_error" });
  equal(heard.of("executed").map(({ data }) => data.node), ["2"]);
  equal(Object.keys(heard.end().data.outputs), ["2"]);
});

// @ts-check
// Following a run that was submitted before: by its id, by several at once, and after having left it.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, failing, shownText, textToImage } from "./prompts.mjs";
import { IN_A_PAGE, SOON, checkRun, recorder, requestsTo, until } from "./runs.mjs";

/** @typedef {import("comfyui-autoflow").ComfyEvent} ComfyEvent */

scenario("a run is picked up by its id and its client id, and heard live", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const serverUrl = server.url;
  const { promptId, clientId, number } = await api.submit(counting({ steps: 20 }), { serverUrl, clientId: "tab 1" });
  equal([clientId, typeof number], ["tab 1", "number"]);
  const heard = recorder();
  const run = api.Submission.fromPromptId(promptId, { serverUrl, clientId });
  equal([run.promptId, run.clientId, run.number, run.status], [promptId, clientId, null, "unknown"]);
  const call = run.wait({ onEvent: heard });
  await heard.heard((event) => event.type === "connection" && event.data.state === "open");
  await server.resume();
  equal((await call).status, "completed");
  equal([heard.end().type, heard.end().detected_by], ["completed", undefined]);
  equal(heard.of("progress").length > 0, true);
  equal(heard.of("submitted"), [], "that was before");
});

scenario("a server that is gone when waiting begins, but took the prompt, is waited for", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const run = await api.submit(counting(), { serverUrl: server.url, pollIntervalMs: 50, idleTimeoutMs: 100 });
  await server.stop();
  await rejects(run.wait({ waitTimeoutMs: 2_000 }), { code: "timeout" });
  await server.start();
  await rejects(run.wait(SOON), { code: "vanished" });
});

scenario("a run is picked up without its client id, and followed by asking", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const { promptId } = await api.submit(counting(), { serverUrl: server.url, clientId: "another program" });
  const heard = recorder();
  const run = api.Submission.fromPromptId(promptId, { serverUrl: server.url });
  ok(run.clientId !== "another program", "that would take its socket over");
  const call = run.wait({ onEvent: heard, ...SOON });
  await heard.heard("queue");
  await server.resume();
  await call;
  equal([heard.end().type, heard.end().detected_by], ["completed", "history"]);
  equal(heard.end().nodes_total, ["1", "2"], "the server told which nodes there are");
  equal(Object.keys(run.outputs), ["2"]);
});

scenario("a run that has ended before is over at once, with its outputs and its pictures", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const done = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const heard = recorder();
  const run = api.Submission.fromPromptId(done.promptId, { serverUrl: server.url });
  await run.wait({ onEvent: heard });
  equal(heard.types("executed", "completed"), ["executed", "completed"]);
  equal(heard.end().nodes_done.length, 7);
  equal((await run.fetchImages()).map(({ filename }) => filename), (await done.fetchImages()).map(({ filename }) => filename));
});

scenario("a run that has failed before rejects as it would have then", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const call = api.submit(failing("boom"), { serverUrl: server.url, wait: true });
  const { promptId, code, message, nodeId } = await rejects(call);
  const run = api.Submission.fromPromptId(promptId, { serverUrl: server.url });
  await rejects(run.wait(), { code, message, nodeId, promptId });
  equal(run.status, "error");
});

scenario("a prompt that the server knows nothing of ends as vanished, after asking more than once", async (api, sim) => {
  const server = await sim.start();
  const heard = recorder();
  const run = api.Submission.fromPromptId(crypto.randomUUID(), { serverUrl: server.url });
  await rejects(run.wait({ onEvent: heard, ...SOON }), { code: "vanished", promptId: run.promptId });
  equal(heard.end().data.code, "vanished");
  ok((await requestsTo(server, "GET /queue")).length > 1, "one answer is not enough");
});

scenario("a run of a server that never answers rejects as its submission would have, after a few tries", async (api, sim) => {
  const server = await sim.start();
  await server.close();
  const promptId = crypto.randomUUID();
  const run = api.Submission.fromPromptId(promptId, { serverUrl: server.url, ...SOON });
  const heard = recorder();
  const error = await rejects(run.wait({ onEvent: heard }), { code: "network", promptId });
  match(error.message, /^Could not reach ComfyUI at http:.* Is it running/);
  equal([...new Set(heard.types())], ["connection"], "of the run nothing can be said");
  equal(run.status, "unknown");
  // An iteration hears of it too, after what came before.
  /** @type {string[]} */
  const types = [];
  const loop = async () => {
    for await (const { type } of run.events(SOON)) types.push(type);
  };
  await rejects(loop, { code: "network", promptId });
  equal([...new Set(types)], ["connection"]);
});

scenario("a server that starts up while a run is picked up is waited for", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const done = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const answers = [0, 503, 502];
  /** @type {typeof globalThis.fetch} */
  const early = async (...args) => {
    const status = answers.shift();
    if (status === 0) throw new TypeError("refused");
    return status ? new Response("", { status }) : fetch(...args);
  };
  const run = api.Submission.fromPromptId(done.promptId, { serverUrl: server.url, fetch: early, ...SOON });
  equal((await run.wait()).status, "completed");
});

if (IN_A_PAGE) {
  scenario("a run of a server that refuses the page rejects as forbidden_origin", async (api, sim) => {
    const server = await sim.start({ cors: false });
    const run = api.Submission.fromPromptId(crypto.randomUUID(), { serverUrl: server.url, ...SOON });
    const error = await rejects(run.wait(), { code: "forbidden_origin", status: 403 });
    match(error.message, /--enable-cors-header/);
  });
}

scenario("files of a run that has shown nothing are refused with what to do; later there are those shown so far", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const picture = {
    ...textToImage(),
    10: { class_type: "LabSilent", inputs: { image: ["8", 0], seconds: 3600, seed: 1 } },
    11: { class_type: "PreviewImage", inputs: { images: ["10", 0] } },
  };
  const run = await api.submit(picture, { serverUrl: server.url });
  const error = await rejects(run.fetchImages(), { code: "bad_input" });
  match(error.message, /await run\.wait\(\) first/);
  const heard = recorder();
  const waiting = run.wait({ onEvent: heard });
  await heard.heard("connection");
  await server.resume();
  await heard.heard("executed");
  equal((await run.fetchImages()).length, 1);
  const over = rejects(waiting, { code: "interrupted" });
  await run.cancel();
  await over;
});

scenario("the status of a run that was picked up is unknown until the server has confirmed its id", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const serverUrl = server.url;
  const { promptId } = await api.submit(shownText(), { serverUrl });
  const run = api.Submission.fromPromptId(promptId, { serverUrl });
  equal([run.status, run.toJSON().status], ["unknown", "unknown"]);
  const heard = recorder();
  const call = run.wait({ onEvent: heard, pollQueue: true, ...SOON });
  await heard.heard("queue");
  ok(["submitted", "running"].includes(run.status), run.status);
  await server.resume();
  equal((await call).status, "completed");
  // Of an id that the server does not know it stays unknown.
  const lost = api.Submission.fromPromptId(crypto.randomUUID(), { serverUrl });
  await lost.fetchHistory();
  equal(lost.status, "unknown");
  await rejects(lost.wait(SOON), { code: "vanished" });
  equal(lost.status, "unknown");
});

scenario("the history tells the status of a run that nobody follows", async (api, sim) => {
  const server = await sim.start({ lab: true, stepMs: 0 });
  for (const [prompt, status] of [[textToImage(), "completed"], [failing("boom"), "error"]]) {
    const { promptId } = await api.submit(prompt, { serverUrl: server.url, wait: true }).catch((/** @type {any} */ error) => error);
    const run = api.Submission.fromPromptId(promptId, { serverUrl: server.url });
    equal(run.status, "unknown");
    await run.fetchHistory();
    equal(run.status, status);
  }
});

scenario("fetching the pictures of a run that nobody follows asks the history", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const { promptId } = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const run = api.Submission.fromPromptId(promptId, { serverUrl: server.url });
  equal((await run.fetchImages()).length, 1);
  equal(/** @type {any} */ (run.history)?.status.status_str, "success");
});

scenario("wait: false resolves when the server has the prompt; waiting later still gets everything", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(counting(), { serverUrl: server.url });
  equal(run.status, "submitted");
  await until(async () => (await requestsDone(server)).includes(run.promptId), "it has ended");
  const heard = recorder();
  const same = await run.wait({ onEvent: heard });
  equal([same.promptId, same.status, run.status], [run.promptId, "completed", "completed"]);
  equal(heard.types("executed", "completed"), ["executed", "completed"]);
});

scenario("the iteration of a run ends after the terminal event", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(counting(), { serverUrl: server.url });
  /** @type {ComfyEvent[]} */
  const events = [];
  const iterator = run.events();
  for await (const event of iterator) events.push(event);
  equal(checkRun(events).type, "completed");
  equal(await iterator.next(), { done: true, value: undefined });
  equal(iterator[Symbol.asyncIterator]() === iterator, true);
});

scenario("the iteration of a failed run ends after the terminal event too, without throwing", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(failing(), { serverUrl: server.url });
  /** @type {ComfyEvent[]} */
  const events = [];
  for await (const event of run.events()) events.push(event);
  equal(checkRun(events).type, "error");
  equal(run.status, "error");
});

scenario("leaving the iteration stops the listening, and the run goes on", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(counting({ steps: 40, delayMs: 5 }), { serverUrl: server.url });
  for await (const event of run.events()) if (event.type === "progress") break;
  await until(async () => (await server.socketCount()) === 0, "the socket is closed");
  equal(run.status, "left");
  await run.wait();
  equal(run.status, "completed");
});

scenario("whoever begins to follow after the end gets the terminal event, once", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(shownText(), { serverUrl: server.url, wait: true });
  const before = (await server.requests()).length;
  const heard = recorder();
  await run.wait({ onEvent: heard });
  const looped = [];
  for await (const event of run.events()) looped.push(event.type);
  equal([heard.types(), looped], [["completed"], ["completed"]]);
  equal((await server.requests()).length, before, "what is known is not asked again");
});

scenario("several wait for one run, each with a timeout of its own, on one socket", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(counting({ steps: 60, delayMs: 5 }), { serverUrl: server.url });
  const [patient, hasty] = [recorder(), recorder()];
  const long = run.wait({ onEvent: patient });
  const short = run.wait({ onEvent: hasty, waitTimeoutMs: 30 });
  await rejects(short, { code: "timeout", promptId: run.promptId });
  const count = hasty.events.length;
  equal((await long).status, "completed");
  equal(patient.end().type, "completed");
  equal(hasty.events.length, count, "who has given up is not called any more");
  equal((await requestsTo(server, "GET /ws")).length, 1);
});

scenario("the wait timeout ends the waiting and not the run; its message tells how to pick it up", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const serverUrl = server.url;
  const heard = recorder();
  const call = api.submit(shownText(), { serverUrl, wait: true, waitTimeoutMs: 200, onEvent: heard });
  const error = await rejects(call, { code: "timeout" });
  await until(async () => (await server.socketCount()) === 0, "nothing is left open");
  equal(heard.types("completed", "error", "interrupted"), []);
  const [, promptId, clientId] = /fromPromptId\("([^"]+)", \{ serverUrl, clientId: "([^"]+)" \}\)/.exec(error.message) ?? [];
  equal(promptId, error.promptId);
  await server.resume();
  const run = await api.Submission.fromPromptId(promptId, { serverUrl, clientId }).wait();
  equal(run.outputs, { 1: { text: ["hello"] } });
});

scenario("the wait timeout holds while the submission is not answered, and the prompt can be picked up", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  /** @type {typeof fetch} */
  const unanswered = (url, init) => {
    const answer = fetch(url, { ...init, signal: null });
    return init?.method === "POST" ? new Promise(() => {}) : answer;
  };
  const options = { serverUrl: server.url, wait: true, waitTimeoutMs: 300, onEvent: heard, fetch: unanswered };
  const error = await rejects(api.submit(shownText(), options), { code: "timeout" });
  match(error.message, /has not answered the submission in time.*fromPromptId\("/);
  equal(heard.events, []);
  await server.resume();
  await until(async () => (await requestsDone(server)).includes(error.promptId), "the server runs it");
  const run = await api.Submission.fromPromptId(error.promptId, { serverUrl: server.url }).wait(SOON);
  equal(run.status, "completed");
});

scenario("an iteration has a wait timeout as well", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(endless(), { serverUrl: server.url });
  const loop = async () => {
    for await (const event of run.events({ waitTimeoutMs: 100 })) ok(event.prompt_id, "an event");
  };
  await rejects(loop, { code: "timeout", promptId: run.promptId });
  await until(async () => (await server.socketCount()) === 0, "nothing is left open");
  equal(await run.cancel(), true);
});

/** The prompts that have ended. @param {import("./harness.mjs").Server} server */
async function requestsDone(server) {
  return Object.keys(await (await fetch(`${server.url}/history`)).json());
}

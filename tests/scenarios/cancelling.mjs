// @ts-check
// Cancelling: it settles at once, takes back this run wherever it is, and touches nobody else's.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, shownText } from "./prompts.mjs";
import { SOON, recorder, requestsTo, until } from "./runs.mjs";

/** @typedef {import("./harness.mjs").Server} Server */

/** What a server has of a prompt. @param {Server} server @param {string} promptId */
async function placeOf(server, promptId) {
  const [queue, history] = await Promise.all([ask(server, "/queue"), ask(server, `/history/${promptId}`)]);
  const has = (/** @type {any[]} */ list) => list.some(([, id]) => id === promptId);
  const [running, waiting] = [has(queue.queue_running), has(queue.queue_pending)];
  return running ? "running" : waiting ? "waiting" : promptId in history ? "ended" : "gone";
}

/** @param {Server} server @param {string} route */
async function ask(server, route) {
  return (await fetch(server.url + route)).json();
}

/** @param {AsyncIterable<any>} events */
async function lastOf(events) {
  let last;
  for await (const event of events) last = event;
  return last;
}

/** No interruption of whatever runs: that could be anybody's. @param {Server} server */
async function onlyNamed(server) {
  for (const { body } of await requestsTo(server, "POST /interrupt")) ok(body?.prompt_id, "an interrupt names its prompt");
  for (const { body } of await requestsTo(server, "POST /queue")) ok(!body.clear, "the queue is not cleared");
}

for (const version of ["old", "new"]) {
  scenario(`aborting a running prompt stops it at once, and the next one runs (${version} server)`, async (api, sim) => {
    const server = await sim.start({ lab: true, version });
    const [heard, next] = [recorder(), recorder()];
    const controller = new AbortController();
    const options = { serverUrl: server.url, wait: true };
    const call = api.submit(endless(), { ...options, onEvent: heard, signal: controller.signal });
    const { prompt_id } = await heard.heard("progress");
    const other = api.submit(shownText(), { ...options, onEvent: next });
    await next.heard("submitted");
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    const count = heard.events.length;
    equal((await rejects(call)) === reason, true, "it rejects with the signal's reason");
    await other;
    equal(next.end().type, "completed");
    equal(heard.events.length, count, "nothing is told after an abort");
    equal(await placeOf(server, prompt_id), "ended");
    await onlyNamed(server);
  });

  scenario(`aborting a prompt that waits takes it out of the queue, and no other (${version} server)`, async (api, sim) => {
    const server = await sim.start({ lab: true, version, held: true });
    const other = recorder();
    const options = { serverUrl: server.url, wait: true };
    const first = api.submit(shownText("first"), { ...options, onEvent: other });
    await other.heard("submitted");
    const heard = recorder();
    const controller = new AbortController();
    const call = api.submit(shownText("second"), { ...options, onEvent: heard, signal: controller.signal });
    const { prompt_id } = await heard.heard("submitted");
    controller.abort();
    await rejects(call, { name: "AbortError" });
    await until(async () => (await placeOf(server, prompt_id)) === "gone", "it is taken out");
    await server.resume();
    await first;
    equal(other.end().type, "completed");
    await onlyNamed(server);
  });

  scenario(`cancel() stops a running prompt and tells that the server had it (${version} server)`, async (api, sim) => {
    const server = await sim.start({ lab: true, version });
    const run = await api.submit(endless(), { serverUrl: server.url });
    const heard = recorder();
    const waiting = run.wait({ onEvent: heard });
    const looping = lastOf(run.events());
    await heard.heard("progress");
    const cancelled = run.cancel();
    const error = await rejects(waiting, { code: "interrupted", promptId: run.promptId });
    match(error.message, /cancelled/);
    equal(await cancelled, true);
    const end = heard.end();
    equal([end.type, end.data.code, end.raw, end.detected_by], ["interrupted", "cancelled", null, undefined]);
    equal([error.event === end, (await looping) === end, run.status], [true, true, "interrupted"]);
    await until(async () => (await placeOf(server, run.promptId)) === "ended", "it is stopped");
    equal(await run.cancel(), false, "there is nothing left to cancel");
    await onlyNamed(server);
  });

  scenario(`cancel() takes a waiting prompt back though nobody follows it (${version} server)`, async (api, sim) => {
    const server = await sim.start({ lab: true, version, held: true });
    const [keep, drop] = [await api.submit(shownText("a"), { serverUrl: server.url }), await api.submit(shownText("b"), { serverUrl: server.url })];
    equal(await drop.cancel(), true);
    equal(await placeOf(server, drop.promptId), "gone");
    equal(await placeOf(server, keep.promptId), "waiting");
    equal(await drop.cancel(), false);
    await onlyNamed(server);
    // The server knows nothing of it any more; whoever has cancelled it does.
    const heard = recorder();
    equal([drop.status, keep.status], ["interrupted", "submitted"]);
    await rejects(drop.wait({ onEvent: heard }), { code: "interrupted" });
    equal(heard.types(), ["interrupted"]);
    equal(await requestsTo(server, `GET /history/${drop.promptId}`), []);
  });
}

scenario("a signal that is aborted already sends nothing", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const wait of [true, false]) {
    const call = api.submit(shownText(), { serverUrl: server.url, wait, signal: AbortSignal.abort("changed my mind") });
    equal(await rejects(call), "changed my mind");
  }
  equal(await server.requests(), []);
});

scenario("an abort before the prompt is sent sends none", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const controller = new AbortController();
  class Slow extends WebSocket {
    constructor(/** @type {string} */ url) {
      super(url);
      // The prompt waits for the socket.
      controller.abort();
    }
  }
  const heard = recorder();
  const options = { serverUrl: server.url, webSocket: Slow, wait: true, onEvent: heard, signal: controller.signal };
  await rejects(api.submit(shownText(), options), { name: "AbortError" });
  await until(async () => (await server.socketCount()) === 0, "the socket is closed");
  equal(await requestsTo(server, "POST /prompt"), []);
  equal(heard.events, []);
});

for (const wait of [true, false]) {
  scenario(`an abort while the prompt is being sent cancels what the server took (wait: ${wait})`, async (api, sim) => {
    const server = await sim.start({ lab: true, faults: { delayAnswer: { route: "POST /prompt" } } });
    const heard = recorder();
    const controller = new AbortController();
    const promptId = crypto.randomUUID();
    const options = { serverUrl: server.url, promptId, signal: controller.signal };
    const call = api.submit(endless(), wait ? { ...options, wait, onEvent: heard } : options);
    await server["faults.happened"]("delayAnswer");
    controller.abort();
    // It settles while the answer is still held back.
    await rejects(call, { name: "AbortError" });
    equal(await placeOf(server, promptId), "running");
    await server["faults.release"]("delayAnswer");
    await until(async () => (await placeOf(server, promptId)) === "ended", "it is stopped");
    equal(heard.events, []);
  });
}

scenario("an abort after the end does nothing, and the signal keeps no listener", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (/** @type {any[]} */ ...args) => ((listeners += 1), add(.../** @type {[any, any]} */ (args)));
  signal.removeEventListener = (/** @type {any[]} */ ...args) =>
    ((listeners -= 1), remove(.../** @type {[any, any]} */ (args)));
  const run = await api.submit(shownText(), { serverUrl: server.url, wait: true, signal });
  await run.wait({ signal });
  for await (const event of run.events({ signal })) equal(event.type, "completed");
  equal(listeners, 0);
  controller.abort();
  equal(run.status, "completed");
  equal((await server.requests()).filter(({ route }) => /cancel|interrupt|POST \/queue/.test(route)), []);
});

scenario("an abort in the middle of a callback settles at once, and the callback is not called again", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const controller = new AbortController();
  const heard = recorder();
  const onEvent = (/** @type {any} */ event) => {
    heard(event);
    if (event.type === "executing") controller.abort();
  };
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent, signal: controller.signal });
  await rejects(call, { name: "AbortError" });
  const [last] = heard.events.slice(-1);
  equal(last.type, "executing");
  await until(async () => (await placeOf(server, last.prompt_id)) === "ended", "it is stopped");
  equal(heard.events[heard.events.length - 1] === last, true);
});

scenario("cancel() of a server that hangs settles within seconds, and says that the run may go on", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  let hangs = false;
  /** @type {typeof fetch} */
  const own = (url, init) => (hangs ? new Promise(() => {}) : fetch(url, init));
  const run = await api.submit(shownText(), { serverUrl: server.url, fetch: own });
  const heard = recorder();
  const waiting = run.wait({ onEvent: heard });
  await heard.heard((event) => event.type === "connection");
  hangs = true;
  const began = Date.now();
  const cancelled = run.cancel();
  await rejects(waiting, { code: "interrupted" });
  ok(Date.now() - began < 2_000, "who waits is told at once");
  const error = await rejects(cancelled, { code: "timeout", promptId: run.promptId, message: /The run may go on/ });
  equal(error.hint, { advice: "may_go_on" });
  ok(Date.now() - began < 10_000, `it took ${Date.now() - began} ms`);
  equal([heard.end().type, heard.end().data.code], ["interrupted", "cancelled"]);
  ok(["running", "waiting"].includes(await placeOf(server, run.promptId)), "it goes on");
  hangs = false;
  equal(await run.cancel(), true);
});

for (const state of ["running", "waiting"]) {
  scenario(`cancelling through another handle ends who waits as interrupted (${state})`, async (api, sim) => {
    const server = await sim.start({ lab: true, held: state === "waiting" });
    const options = { serverUrl: server.url, ...SOON };
    const first = state === "waiting" ? await api.submit(shownText("first"), options) : undefined;
    const heard = recorder();
    const call = api.submit(endless(), { ...options, wait: true, onEvent: heard });
    const { prompt_id } = await heard.heard(state === "waiting" ? "submitted" : "progress");
    const other = api.Submission.fromPromptId(prompt_id, options);
    const cancelled = other.cancel();
    await rejects(call, { code: "interrupted" });
    equal([await cancelled, other.status], [true, "interrupted"]);
    equal([heard.end().type, heard.end().data.code], ["interrupted", "cancelled"]);
    await until(async () => ["gone", "ended"].includes(await placeOf(server, prompt_id)), "it is stopped");
    if (first) equal(await first.cancel(), true);
  });
}

scenario("a hiccup of the server does not keep a cancelled prompt running", async (api, sim) => {
  for (const [version, how] of [["new", 500], ["old", "reset"], ["new", "html"]]) {
    const server = await sim.start({ lab: true, version });
    const run = await api.submit(endless(), { serverUrl: server.url });
    await until(async () => (await placeOf(server, run.promptId)) === "running", "it runs");
    await server["faults.failRequests"]({ times: 2, how });
    equal(await run.cancel(), true);
    await until(async () => (await placeOf(server, run.promptId)) === "ended", "it is stopped");
  }
});

scenario("one waiter's abort ends the run for the others as interrupted", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(endless(), { serverUrl: server.url });
  const [heard, others] = [recorder(), recorder()];
  const controller = new AbortController();
  const mine = run.wait({ signal: controller.signal, onEvent: heard });
  const theirs = run.wait({ onEvent: others });
  const looping = lastOf(run.events());
  await heard.heard("progress");
  controller.abort();
  await rejects(mine, { name: "AbortError" });
  await rejects(theirs, { code: "interrupted", name: "ComfyError" });
  equal([others.end().type, others.end() === (await looping)], ["interrupted", true]);
  equal(heard.of("interrupted"), [], "whoever aborts hears nothing more");
  await until(async () => (await placeOf(server, run.promptId)) === "ended", "it is stopped");
});

scenario("a wait whose signal is aborted already cancels the run and follows nothing", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const follow of ["wait", "events"]) {
    const run = await api.submit(counting({ steps: 100_000, delayMs: 5 }), { serverUrl: server.url });
    await until(async () => (await placeOf(server, run.promptId)) === "running", "it runs");
    const signal = AbortSignal.abort();
    await rejects(async () => (follow === "wait" ? run.wait({ signal }) : run.events({ signal })), { name: "AbortError" });
    await until(async () => (await placeOf(server, run.promptId)) === "ended", "it is stopped");
  }
  equal(await requestsTo(server, "GET /ws"), []);
});

scenario("an iteration whose signal is aborted rejects with the reason", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(endless(), { serverUrl: server.url });
  const controller = new AbortController();
  const reason = new Error("enough");
  const loop = async () => {
    for await (const event of run.events({ signal: controller.signal, ...SOON })) {
      if (event.type === "progress") controller.abort(reason);
    }
  };
  equal((await rejects(loop)) === reason, true);
  await until(async () => (await placeOf(server, run.promptId)) === "ended", "it is stopped");
});

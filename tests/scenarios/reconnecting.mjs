// @ts-check
// A socket that is lost, refused or stale: it is opened again, and nothing of the run is lost.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, failing, shownText } from "./prompts.mjs";
import { IN_A_PAGE, SOON, awaiting, recorder, requestsTo, until } from "./runs.mjs";

for (const how of ["destroy", "close"]) {
  scenario(`a socket that goes (${how}) at any frame of a run loses nothing of it`, async (api, sim) => {
    const once = await sim.start({ lab: true });
    await api.submit(counting(), { serverUrl: once.url, wait: true });
    const count = Math.max(...(await once.frames()).map(({ index }) => index ?? 0));
    ok(count > 10, `a run of ${count} frames`);
    const lose = async (/** @type {number} */ at) => {
      const server = await sim.start({ lab: true, faults: { dropSocket: { at, how } } });
      const heard = recorder();
      const run = await api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
      equal(heard.end().type, "completed", `dropped at frame ${at}`);
      equal(heard.of("executed").map(({ data }) => data.node), ["2"], `outputs when dropped at frame ${at}`);
      equal(Object.keys(run.outputs), ["2"]);
    };
    // Browsers open the sockets of a host one after the other, so a page tries every third frame.
    const frames = Array.from({ length: count }, (_, at) => at + 1);
    await Promise.all(frames.filter((at) => !IN_A_PAGE || at % 3 === 1).map(lose));
  });
}

scenario("a socket that the server closes is opened again under the same client id, and tells on", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal, ...SOON };
  const call = api.submit(endless(), options);
  for (const round of [1, 2, 3]) {
    await heard.heard((event) => event.type === "progress" && opens(heard) >= round);
    await server["faults.dropSocket"]({ how: "close" });
  }
  await heard.heard((event) => event.type === "progress" && opens(heard) >= 4);
  controller.abort();
  await rejects(call, { name: "AbortError" });
  const sockets = await requestsTo(server, "GET /ws");
  ok(sockets.length >= 4, `${sockets.length} sockets`);
  equal(new Set(sockets.map(({ query }) => query.clientId)).size, 1);
  const news = heard.of("connection").map(({ data }) => data);
  equal(news[0], { state: "open", reason: "the socket is open", attempt: 0 });
  const lost = news.findIndex(({ reason }) => reason === "the socket closed");
  equal([news[lost].state, news[lost].attempt], ["reconnecting", 1]);
  equal(news[lost + 1].state, "open");
});

scenario("previews name their node after a reconnect too: what a client wants is said on each connection", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal, ...SOON };
  const prompt = counting({ steps: 100_000, delayMs: 5, preview: true });
  const call = api.submit(prompt, options);
  await heard.heard("preview");
  await server["faults.dropSocket"]({ how: "close" });
  // The first one or two may be sent before the server has read what the new connection wants.
  await heard.heard((event) => event.type === "preview" && opens(heard) >= 2 && event.raw?.node_id === "1");
  controller.abort();
  await rejects(call);
  equal([...new Set(heard.of("preview").map(({ data }) => data.node_id))], ["1"]);
});

/** An endless run that has told progress, and whose connection was then dropped. @param {any} api @param {any} server */
async function droppedRun(api, server) {
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal, ...SOON };
  const call = api.submit(endless(), options);
  await heard.heard("progress");
  await server["faults.dropSocket"]({ how: "destroy" });
  return { heard, controller, call };
}

/**
 * Waits for progress over the third socket: the first was lost, the second is stale. Frames of the second can still come
 * after the event that says so.
 *
 * @param {any} heard
 * @param {any} server
 */
async function nextSocketBrings(heard, server) {
  await until(async () => (await requestsTo(server, "GET /ws")).length >= 3, "the one lost, the stale one, and another");
  const before = heard.events.length;
  await heard.heard((/** @type {any} */ event) => event.type === "progress" && heard.events.indexOf(event) >= before);
}

scenario("a socket that is stale after a dropped connection is replaced, and brings the rest", async (api, sim) => {
  const server = await sim.start({ lab: true });
  // The next socket is stale, as on real servers; only the one after it gets frames.
  const { heard, controller, call } = await droppedRun(api, server);
  const stale = await heard.heard((event) => event.type === "connection" && /no longer sends/.test(event.data.reason));
  equal([stale.data.state, stale.data.reason], ["reconnecting", "the socket is open, but the server no longer sends to it; replacing it"]);
  await nextSocketBrings(heard, server);
  controller.abort();
  await rejects(call);
  await until(async () => (await server.socketCount()) === 0, "no socket is left");
});

scenario("a socket that is unregistered after its first frames is replaced after its first silence", async (api, sim) => {
  const server = await sim.start({ lab: true, deafAfterDrop: false });
  const { heard, controller, call } = await droppedRun(api, server);
  const again = await heard.heard((event) => event.type === "connection" && opens(heard) >= 2);
  await heard.heard((event) => event.type === "progress" && event.ts > again.ts);
  // The server notices the drop only now. Before, only a silence of a minute told that this socket is stale.
  await server.deafen();
  await heard.heard((event) => event.type === "connection" && /no longer sends/.test(event.data.reason));
  await nextSocketBrings(heard, server);
  controller.abort();
  await rejects(call);
  equal((await requestsTo(server, "GET /ws")).length, 3, "the one lost, the stale one, and one more");
});

scenario("a handshake that is refused for a while is tried again, and the run is followed by asking", async (api, sim) => {
  for (const how of [503, "reset"]) {
    const server = await sim.start({ lab: true, faults: { refuseSockets: { times: 2, how } } });
    const heard = recorder();
    const controller = new AbortController();
    const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal, ...SOON };
    const call = api.submit(endless(), options);
    await heard.heard("progress");
    controller.abort();
    await rejects(call);
    const news = heard.of("connection").map(({ data }) => data);
    equal(news.slice(0, 3).map(({ state }) => state), ["reconnecting", "reconnecting", "open"]);
    equal(news.slice(0, 2).map(({ attempt }) => attempt), [1, 2]);
    equal(news[0].reason, "the socket could not be opened");
    const asked = await requestsTo(server, "GET /history/{prompt_id}");
    ok(asked.length > 0, "asked meanwhile");
  }
});

scenario("a run whose socket never opens ends all the same, with all its outputs", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { refuseSockets: {} } });
  const heard = recorder();
  const run = await api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const end = heard.end();
  equal([end.type, end.detected_by], ["completed", "history"]);
  equal(Object.keys(run.outputs), ["2"]);
  equal(heard.types("submitted", "connection").slice(0, 2), ["submitted", "connection"]);
});

scenario("a server that restarts in the middle of a run ends it as vanished", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await heard.heard("progress");
  await server.restart();
  const error = await rejects(call, { code: "vanished" });
  match(error.message, /neither its queue nor its history has it\. .*Submit it again/);
  const end = heard.end();
  equal([end.type, end.detected_by, end.data.code], ["error", "queue", "vanished"]);
});

scenario("a socket that is replaced for one run tells the others that frames may be missing", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const [patient, other] = [recorder(), recorder()];
  const options = { serverUrl: server.url, wait: true };
  // It alone would not notice for a minute that its socket is stale.
  const failed = api.submit(failing(), { ...options, onEvent: patient, idleTimeoutMs: 60_000, pollIntervalMs: 30 });
  await patient.heard("submitted");
  const call = api.submit(counting({ seed: 1 }), { ...options, onEvent: other, ...SOON });
  await other.heard("queue");
  // All that was sent has been heard, and the queue was asked for after it: the next change is one without a word.
  await server.sendFrame({ type: "status", data: { status: { exec_info: { queue_remaining: 77 } } } });
  await other.heard((event) => event.type === "status" && event.data.status.exec_info.queue_remaining === 77);
  for (const _ of [1, 2]) await (await awaiting(server, { asked: ["answer", "GET /queue"] })).asked;
  await server["faults.delayQueueLeave"]();
  await server.deafen();
  await server.resume();
  // Its error was told to nobody; what it will hear is its `executing: null`.
  await other.heard((event) => event.type === "connection" && /no longer sends/.test(event.data.reason));
  await patient.heard((event) => event.type === "connection" && event.data.state === "reconnecting");
  await other.heard((event) => event.type === "connection" && opens(other) >= 2);
  await server["faults.release"]("delayQueueLeave");
  await rejects(failed, { code: "execution_error", nodeId: "3" });
  await call;
  equal(patient.end().type, "error");
  equal(other.end().type, "completed");
});

scenario("a WebSocket of one's own is used instead of the global one", async (api, sim) => {
  const server = await sim.start({ lab: true });
  /** @type {string[]} */
  const urls = [];
  class Own extends WebSocket {
    constructor(/** @type {string} */ url) {
      super(url);
      urls.push(url);
    }
  }
  const heard = recorder();
  const options = { serverUrl: server.url, clientId: "a b", webSocket: Own, wait: true, onEvent: heard };
  await api.submit(shownText(), options);
  equal(urls, [`${server.url.replace("http", "ws")}/ws?clientId=a%20b`]);
  equal([heard.end().type, heard.end().detected_by], ["completed", undefined]);
});

scenario("a WebSocket that cannot be made leaves the run to be followed by asking", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  class Forbidden {
    constructor() {
      throw new DOMException("connect-src", "SecurityError");
    }
  }
  await api.submit(shownText(), { serverUrl: server.url, webSocket: Forbidden, wait: true, onEvent: heard, ...SOON });
  equal([heard.end().type, heard.end().detected_by], ["completed", "history"]);
});

scenario("a fetch of one's own is used for every request", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { muteSocket: { at: 1 } } });
  /** @type {string[]} */
  const asked = [];
  /** @type {typeof fetch} */
  const own = (url, init) => {
    asked.push(`${init?.method} ${String(url).slice(server.url.length).replace(/[0-9a-f-]{36}/, "ID")}`);
    return fetch(url, init);
  };
  await api.submit(shownText(), { serverUrl: server.url, fetch: own, wait: true, ...SOON });
  equal([...new Set(asked)].filter((one) => one !== "GET /queue"), ["POST /prompt", "GET /history/ID"]);
});

scenario("a fetch of one's own that gives no Response is a network error, not a wait for ever", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const answer of [undefined, null, {}, "200"]) {
    const own = /** @type {any} */ (async () => answer);
    const call = api.submit(shownText(), { serverUrl: server.url, fetch: own });
    const error = await rejects(call, { code: "network" });
    match(error.message, /fetch resolves to something that is no Response\.$/);
  }
});

/** How often a socket was opened. @param {ReturnType<typeof recorder>} heard */
function opens(heard) {
  return heard.of("connection").filter(({ data }) => data.reason === "the socket is open").length;
}

// @ts-check
// Thirty ways in which other clients fail their users, each on the built package and a whole server. The name says what
// happens there; the body shows what happens here.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, failing, shownText, textToImage } from "./prompts.mjs";
import { SOON, begun, recorder, requestsTo, until } from "./runs.mjs";

/** @typedef {import("./harness.mjs").Server} Server */

/**
 * A run that goes on until it is stopped.
 *
 * @param {import("./harness.mjs").Api} api @param {Server} server @param {Record<string, unknown>} [more] options
 */
function stoppable(api, server, more = {}) {
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal, ...more };
  const call = api.submit(endless(), options);
  return {
    heard,
    call,
    async stop() {
      controller.abort();
      await rejects(call, { name: "AbortError" });
    },
  };
}

/** @param {Server} server @param {Record<string, unknown>} frame */
const told = (server, { type, ...data }) => server.sendFrame({ type, data });

/** Options with which the answer to the prompt is read only after the last frame of its run. */
function answeredLast() {
  let ended = () => {};
  const end = new Promise((resolve) => (ended = () => resolve(undefined)));
  class Watched extends WebSocket {
    constructor(/** @type {string} */ url) {
      super(url);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && /"executing", "data": \{"node": null/.test(data)) ended();
      });
    }
  }
  /** @type {typeof fetch} */
  const late = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method === "POST") await end;
    return response;
  };
  return { webSocket: Watched, fetch: late };
}

/** Something that comes after all that was sent before. @param {Server} server @param {ReturnType<typeof recorder>} heard */
async function allHeard(server, heard) {
  const type = `mark.${crypto.randomUUID()}`;
  await server.sendFrame({ type, data: {} });
  await heard.heard(type);
}

scenario("peers 1: another prompt's executing null is taken for our end", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { heard, stop } = stoppable(api, server);
  await heard.heard("progress");
  await told(server, { type: "executing", node: null, prompt_id: crypto.randomUUID() });
  await told(server, { type: "executing", node: null });
  await allHeard(server, heard);
  equal(heard.types("completed"), []);
  await stop();
});

scenario("peers 2: history says error while the socket is silent, and nobody tells", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { muteSocket: { at: 3 } } });
  const heard = recorder();
  const call = api.submit(failing("boom"), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await rejects(call, { code: "execution_error", nodeId: "3", message: /boom/ });
  equal([heard.end().type, heard.end().detected_by], ["error", "history"]);
});

scenario("peers 3: an interruption is reported as completed at the executing null behind it", async (api, sim) => {
  for (const version of ["old", "new"]) {
    const server = await sim.start({ lab: true, version });
    const heard = recorder();
    const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard });
    const { prompt_id } = await heard.heard("progress");
    await fetch(`${server.url}/interrupt`, { method: "POST", body: JSON.stringify({ prompt_id }) });
    await rejects(call, { code: "interrupted" });
    equal([heard.end().type, heard.end().raw.type], ["interrupted", "execution_interrupted"]);
  }
});

scenario("peers 4: a prompt that is removed from the queue is waited for for ever", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  const call = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  const { prompt_id } = await heard.heard("queue");
  await fetch(`${server.url}/queue`, { method: "POST", body: JSON.stringify({ delete: [prompt_id] }) });
  await rejects(call, { code: "vanished" });
  equal([heard.end().type, heard.end().detected_by], ["error", "queue"]);
});

scenario("peers 5: frames that come with the handshake, or before the prompt is answered, are lost", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { joinHandshake: { times: 1 } } });
  const heard = recorder();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, ...answeredLast() };
  await api.submit(counting({ steps: 3 }), options);
  equal([heard.end().type, heard.end().detected_by], ["completed", undefined]);
  equal(heard.types("submitted", "execution_start", "progress", "executed", "completed"), [
    "submitted", "execution_start", "progress", "progress", "progress", "executed", "completed",
  ]);
});

scenario("peers 6: one long silence in a node gives up the socket, and all later events with it", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { delayQueueLeave: {} } });
  const heard = recorder();
  // Silent for far longer than the idle timeout.
  const prompt = {
    ...counting({ steps: 1 }),
    2: { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
    3: { class_type: "LabSilent", inputs: { image: ["1", 0], seconds: 0.5, seed: 1 } },
  };
  const call = api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await heard.heard("execution_success");
  await server["faults.release"]("delayQueueLeave");
  await call;
  const news = heard.of("connection").map(({ data }) => data);
  equal(news.slice(0, 3).map(({ state }) => state), ["open", "polling", "open"]);
  equal(news[2].reason, "frames come again");
  equal((await requestsTo(server, "GET /ws")).length, 1);
  equal(heard.of("executed").map(({ detected_by }) => detected_by), [undefined]);
  equal(heard.end().type, "completed");
});

scenario("peers 7: an end that leaves nodes unaccounted for costs seconds of requests", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const before = (await server.requests()).length;
  const heard = recorder();
  // All of it is cached: no node is ever executing.
  await api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard });
  equal(heard.end().nodes_done.length, 7);
  const asked = (await server.requests()).slice(before).map(({ route }) => route);
  equal(asked.filter((route) => !route.startsWith("OPTIONS")), ["GET /ws", "POST /prompt"]);
});

scenario("peers 8: fragmented frames, and two JSON objects in one frame, are dropped", async (api, sim) => {
  for (const faults of [{ splitFrames: { pieces: 3 } }, { packFrames: {} }, { packFrames: { separator: "\n" } }]) {
    const server = await sim.start({ lab: true, faults });
    const heard = recorder();
    await api.submit(counting({ steps: 3 }), { serverUrl: server.url, wait: true, onEvent: heard });
    equal([heard.end().type, heard.end().detected_by], ["completed", undefined]);
    equal(heard.of("progress").map((event) => event.data.value), [1, 2, 3]);
  }
});

scenario("peers 9: a client id that every program shares makes each evict the other", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { clientId } = await api.submit(shownText(), { serverUrl: server.url, wait: true });
  match(clientId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // Should somebody take the socket over all the same, the run ends all the same.
  const heard = recorder();
  const call = api.submit(counting({ steps: 40, delayMs: 10 }), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await heard.heard("progress");
  const other = new WebSocket(`${server.url.replace("http", "ws")}/ws?clientId=${clientId}`);
  await call;
  equal(heard.end().type, "completed");
  other.close();
});

scenario("peers 10: the base path of the server's address is ignored", async (api, sim) => {
  const server = await sim.start({ basePath: "/comfy", stepMs: 0 });
  const run = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const [image] = await run.fetchImages();
  match(image.url, new RegExp(`^${server.url}/view\\?`));
  equal((await image.bytes()).length > 0, true);
});

scenario("peers 11: binary frames are understood only where there is a Buffer", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  const options = { serverUrl: server.url, wait: true, previews: true, onEvent: heard };
  await begun(server, heard, api.submit(counting({ preview: true }), options));
  equal(heard.of("preview").length, 4);
  for (const { data } of heard.of("preview")) ok(data.image instanceof Blob && data.image.size > 0, "a picture");
});

scenario("peers 12: a run found finished by polling tells its callback but never settles", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { refuseSockets: {} } });
  const heard = recorder();
  const run = await api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  equal([run.status, heard.end().detected_by], ["completed", "history"]);
});

scenario("peers 13: another prompt's success or failure settles ours", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { heard, stop } = stoppable(api, server);
  await heard.heard("progress");
  const prompt_id = crypto.randomUUID();
  for (const type of ["execution_success", "execution_error", "execution_interrupted"]) {
    await told(server, { type, prompt_id, node_id: "1", exception_message: "theirs", exception_type: "X" });
  }
  await allHeard(server, heard);
  equal(heard.types("completed", "error", "interrupted", "execution_error", "execution_success"), []);
  await stop();
});

scenario("peers 14: the second drop of the socket is not repaired", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { heard, stop } = stoppable(api, server, SOON);
  for (const drops of [1, 2, 3]) {
    const opened = () => heard.of("connection").filter(({ data }) => data.reason === "the socket is open").length;
    await heard.heard((event) => event.type === "progress" && opened() >= drops);
    if (drops < 3) await server["faults.dropSocket"]({ how: "close" });
  }
  await stop();
});

scenario("peers 15: a failure during a round trip to the history loses the real error", async (api, sim) => {
  const faults = { delayAnswer: { route: "GET /history/{prompt_id}" }, holdRun: { at: 2 } };
  const server = await sim.start({ lab: true, faults });
  const heard = recorder();
  const call = api.submit(failing("the real one"), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  // The history is asked, and does not answer before the run has failed.
  await server["faults.happened"]("delayAnswer");
  await server["faults.release"]("holdRun");
  const error = await rejects(call, { code: "execution_error", nodeId: "3", nodeType: "LabFail" });
  match(error.message, /the real one/);
  equal(heard.end().detected_by, undefined);
  await server["faults.release"]("delayAnswer");
});

scenario("peers 16: another prompt's progress reaches our callback", async (api, sim) => {
  const server = await sim.start({ lab: true, broadcast: true, faults: { foreignFrames: {} } });
  const heard = recorder();
  const run = await api.submit(counting({ steps: 10 }), { serverUrl: server.url, wait: true, onEvent: heard });
  ok((await server["faults.hits"]("foreignFrames")) > 5, "there were some");
  equal(heard.of("progress").map(({ data }) => data.value), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  equal(Object.keys(run.outputs), ["2"]);
  heard.end();
});

scenario("peers 17: a dead server never settles, or is reconnected to after it was given up", async (api, sim) => {
  const server = await sim.start({ lab: true });
  await server.stop();
  await rejects(api.submit(shownText(), { serverUrl: server.url, wait: true }), { code: "network" });
  // A run that is given up while its server is away does not come back with it.
  await server.start();
  const { heard, stop } = stoppable(api, server, SOON);
  await heard.heard("progress");
  await server.stop();
  await heard.heard((event) => event.type === "connection" && event.data.state === "reconnecting");
  await stop();
  await server.start();
  const run = await api.submit(shownText(), { serverUrl: server.url, clientId: "later", wait: true });
  equal(run.status, "completed");
  const clients = (await requestsTo(server, "GET /ws")).map(({ query }) => query.clientId);
  equal(clients[clients.length - 1], "later");
});

scenario("peers 18: a run that ends before the prompt is answered is waited for for ever", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  await api.submit(shownText("a"), { serverUrl: server.url, wait: true, onEvent: heard, ...answeredLast() });
  equal([heard.end().type, heard.end().detected_by], ["completed", undefined]);
  // And where no frame tells of it either.
  await server["faults.muteSocket"]({ at: 1 });
  await server["faults.delayAnswer"]({ route: "POST /prompt", until: "end" });
  const unheard = recorder();
  await api.submit(shownText("b"), { serverUrl: server.url, wait: true, onEvent: unheard, ...SOON });
  equal([unheard.end().type, unheard.end().detected_by], ["completed", "history"]);
});

scenario("peers 19: a run that ends while the socket is gone is waited for for ever", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { dropSocket: { at: 4 }, refuseSockets: { clientId: "none" } } });
  const heard = recorder();
  const run = await api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: heard });
  equal([heard.end().type, heard.end().detected_by], ["completed", "history"]);
  equal(Object.keys(run.outputs), ["2"]);
});

scenario("peers 20: a server that takes a while after execution_success is checked once, and never again", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { delayQueueLeave: {}, loseFrames: { at: "end" } } });
  const heard = recorder();
  const call = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
  await heard.heard("execution_success");
  await until(async () => (await requestsTo(server, "GET /history/{prompt_id}")).length >= 3, "asked again and again");
  await server["faults.release"]("delayQueueLeave");
  await call;
  equal([heard.end().type, heard.end().detected_by], ["completed", "history"]);
});

scenario("peers 21: one 500 is read as done or gone", async (api, sim) => {
  for (const route of ["GET /history/{prompt_id}", "GET /queue"]) {
    const faults = { failRequests: { route, times: 2 }, refuseSockets: {}, holdRun: { at: 1 } };
    const server = await sim.start({ lab: true, faults });
    const heard = recorder();
    const call = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
    await until(async () => (await server["faults.hits"]("failRequests")) === 2, "both have failed");
    await heard.heard("queue");
    await server["faults.release"]("holdRun");
    await call;
    equal(heard.end().type, "completed");
  }
});

scenario("peers 22: the first executed is taken for the end, and further outputs are lost", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const prompt = { 1: shownText("a")[1], 2: shownText("b")[1], 3: shownText("c")[1] };
  const heard = recorder();
  const run = await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard });
  equal(run.outputs, { 1: { text: ["a"] }, 2: { text: ["b"] }, 3: { text: ["c"] } });
  equal(heard.types("executed", "completed"), ["executed", "executed", "executed", "completed"]);
});

scenario("peers 23: interrupting a pending run never settles its wait", async (api, sim) => {
  for (const version of ["old", "new"]) {
    const server = await sim.start({ lab: true, held: true, version });
    const run = await api.submit(shownText(), { serverUrl: server.url });
    const settled = rejects(run.wait(), { code: "interrupted" });
    equal(await run.cancel(), true);
    await settled;
  }
});

scenario("peers 24: previews are kept and mixed into results, and JPEG is labelled PNG", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, held: true });
  const heard = recorder();
  const options = { serverUrl: server.url, wait: true, previews: true, onEvent: heard };
  const run = await begun(server, heard, api.submit(textToImage(), options));
  const [preview] = heard.of("preview");
  const start = new Uint8Array(await preview.data.image.arrayBuffer()).slice(0, 3);
  equal([preview.data.mime_type, [...start]], ["image/jpeg", [0xff, 0xd8, 0xff]]);
  const images = await run.fetchImages();
  equal(images.map(({ type }) => type), ["output"]);
});

scenario("peers 25: a proxy's HTML page becomes a JSON syntax error", async (api, sim) => {
  const server = await sim.start({ lab: true, faults: { failRequests: { route: "POST /prompt", how: "html" } } });
  const error = await rejects(api.submit(shownText(), { serverUrl: server.url }), { code: "http" });
  ok(!/JSON|token|</.test(error.message), error.message);
  // While a run is followed it is not even an error.
  const again = { route: "GET /history/{prompt_id}", how: "html", times: 2 };
  const other = await sim.start({ lab: true, faults: { failRequests: again, refuseSockets: {} } });
  equal((await api.submit(shownText(), { serverUrl: other.url, wait: true, ...SOON })).status, "completed");
});

scenario("peers 26: a failed run resolves with an empty result", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const call = api.submit(failing("boom"), { serverUrl: server.url, wait: true, onEvent: heard });
  const error = await rejects(call, { code: "execution_error", nodeId: "3", nodeType: "LabFail" });
  equal(error.message, "Node 3 (LabFail) failed: boom");
  ok(error.event === heard.end(), "it carries the event");
  equal([error.event.type, error.event.raw.type], ["error", "execution_error"]);
});

scenario("peers 27: one connection reset while polling rejects a run that goes on", async (api, sim) => {
  for (const how of ["reset", "cut", "garbage"]) {
    const faults = { failRequests: { route: "GET /history/{prompt_id}", how, times: 3 }, refuseSockets: {} };
    const server = await sim.start({ lab: true, faults });
    const run = await api.submit(shownText(), { serverUrl: server.url, wait: true, ...SOON });
    equal([run.status, await server["faults.hits"]("failRequests")], ["completed", 3]);
  }
});

scenario("peers 28: the error of an ExecutionBlocker is taken for the end", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const blocked = { class_type: "LabBlock", inputs: { image: ["1", 0], message: "not today" } };
  const prompt = { ...counting(), 3: blocked, 4: { class_type: "PreviewImage", inputs: { images: ["3", 0] } } };
  const heard = recorder();
  const run = await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard });
  const [blocker] = heard.of("execution_error");
  equal(blocker.data.exception_type, "ExecutionBlocked");
  equal([heard.end().type, run.status], ["completed", "completed"]);
  equal(Object.keys(run.outputs), ["2"]);
});

scenario("peers 29: output ids such as 57:8 are not understood", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const prompt = { "57:8": shownText("inside")[1], "12:3.0.0.1": shownText("deeper")[1] };
  for (const muted of [false, true]) {
    if (muted) await server["faults.muteSocket"]({ at: 1 });
    const heard = recorder();
    const run = await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, ...SOON });
    equal(run.outputs, { "57:8": { text: ["inside"] }, "12:3.0.0.1": { text: ["deeper"] } });
    equal([...heard.end().nodes_done].sort(), ["12:3.0.0.1", "57:8"]);
  }
});

scenario("peers 30: a silent socket is never asked about, or every 20 ms", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  const call = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: heard, idleTimeoutMs: 50, pollIntervalMs: 200 });
  // It waits: then the queue tells.
  const rounds = () => requestsTo(server, "GET /queue");
  await until(async () => (await rounds()).length >= 4, "it is asked about");
  const asked = (await rounds()).map(({ at }) => at);
  // By the server's clock, which may see two requests closer together than they were sent, if never by much.
  for (const [index, at] of asked.slice(1).entries()) ok(at - asked[index] > 100, `${asked} is too often`);
  await server.resume();
  await call;
  heard.end();
});

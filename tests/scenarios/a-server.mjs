// @ts-check
// `ComfyClient`: a server as an object.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { failing, textToImage, textToImage as prompt } from "./prompts.mjs";
import { recorder, until } from "./runs.mjs";

scenario("a server is asked for its models, its choices and its memory", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const stats = await comfy.ready();
  ok(stats.system.comfyui_version, "the version is told");
  equal(await comfy.systemStats(), stats);
  const folders = await comfy.modelFolders();
  ok(folders.includes("checkpoints"), "checkpoints are a folder of models");
  const models = await comfy.models("checkpoints");
  equal(await comfy.choices("CheckpointLoaderSimple", "ckpt_name"), models);
  equal(await comfy.hasModel("checkpoints", models[0]), true);
  equal(await comfy.hasModel("checkpoints", "no such model"), false);
  ok(Array.isArray(await comfy.embeddings()), "embeddings are a list");
  ok((await comfy.features()).supports_preview_metadata, "features are told");
  equal(typeof (await comfy.logs()), "string");
  await comfy.free({ unloadModels: true });
  const { method, body } = (await server.requests()).findLast(({ path }) => path === "/free") ?? {};
  equal({ method, body }, { method: "POST", body: { unload_models: true, free_memory: true } });
});

scenario("what a server does not have is said with what it has", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  match((await rejects(() => comfy.models("chekpoints"), { code: "bad_input" })).message, /modelFolders/);
  match((await rejects(() => comfy.choices("KSampler", "samper_name"), { code: "bad_input" })).message, /sampler_name/);
  match((await rejects(() => comfy.choices("NoSuchClass", "x"), { code: "bad_input" })).message, /no node class/);
  match((await rejects(() => comfy.choices("KSampler", "steps"), { code: "bad_input" })).message, /INT/);
  match((await rejects(() => comfy.fetch("http://elsewhere.example/"), { code: "bad_input" })).message, /route/);
});

scenario("queue, status and history tell of a run from its submission to its files", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const run = await comfy.submit(prompt(), { wait: true });
  equal(await comfy.status(run.promptId), { state: "completed", position: null });
  equal(await comfy.status("11111111-2222-4333-8444-555555555555"), { state: "unknown", position: null });
  const [past] = await comfy.history({ limit: 1 });
  equal([past.promptId, past.status], [run.promptId, "completed"]);
  ok(past.files.length > 0 && past.startedAt !== null && past.endedAt !== null, "files and times are told");
  const [file] = past.files;
  const named = comfy.file({ filename: file.filename, subfolder: file.subfolder, type: "output" });
  equal(named.url, file.url);
  equal((await named.bytes()).length, (await file.bytes()).length);
  const queue = await comfy.queue();
  equal([queue.running.length, queue.pending.length], [0, 0]);
  await comfy.deleteHistory([run.promptId]);
  equal(await comfy.history(), []);
  equal((await comfy.fetch("/extensions")).status, (await fetch(`${server.url}/extensions`)).status);
});

scenario("why a run failed is told without the line break that the server ends it with; events have it as it came", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const heard = recorder();
  const error = await rejects(comfy.submit(failing("boom"), { wait: true, onEvent: heard }), { code: "execution_error" });
  const [{ failure, status }] = await comfy.history();
  equal([status, failure?.exception_message, failure?.node_id], ["error", "boom", "3"]);
  ok(error.message.endsWith("boom"), error.message);
  equal([heard.end(), error.event].map(({ data }) => data.exception_message), ["boom\n", "boom\n"]);
});

scenario("a client keeps its key from its JSON, and gives what it loads its login", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url, headers: { Authorization: "Bearer secret" } });
  ok(!JSON.stringify(comfy).includes("secret"), "no header in the JSON");
  const flow = await comfy.load(prompt());
  await flow.submit({ wait: true });
  const posted = (await server.requests()).find(({ path, method }) => path === "/prompt" && method === "POST");
  equal(posted?.headers?.authorization, "Bearer secret");
});

scenario("a server that is still starting is waited for, as long as the caller wants", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const how = { status: 502, headers: { "Access-Control-Allow-Origin": "*" } };
  await server["faults.failRequests"]({ route: "GET /system_stats", how, times: 2 });
  ok((await comfy.ready()).system, "the third answer is the stats");
  const asked = (await server.requests()).filter(({ path }) => path === "/system_stats");
  equal(asked.length, 3);
  const gone = new api.ComfyClient({ serverUrl: "http://127.0.0.1:9" });
  await rejects(() => gone.ready({ timeoutMs: 0 }), { code: "network" });
  await rejects(() => gone.ready({ timeoutMs: 1_500 }), { code: "network" });
  const controller = new AbortController();
  const waiting = gone.ready({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await rejects(waiting, { message: "enough" });
  await rejects(() => comfy.ready(/** @type {any} */ ({ timeout: 5 })), { code: "bad_input" });
});

scenario("a refused login is not waited for", async (api, sim) => {
  const server = await sim.start();
  await server["faults.failRequests"]({ route: "GET /system_stats", how: 401 });
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  await rejects(() => comfy.ready(), { code: "unauthorized", status: 401 });
});

scenario("what a kind of server lacks is unsupported, and nothing is sent", async (api, sim) => {
  const server = await sim.start();
  /** @type {["cloud" | "v2", (comfy: import("comfyui-autoflow").ComfyClient) => unknown][]} */
  const calls = [
    ["cloud", (comfy) => comfy.free()],
    ["cloud", (comfy) => comfy.history()],
    ["cloud", (comfy) => comfy.models("checkpoints")],
    ["v2", (comfy) => comfy.queue()],
    ["v2", (comfy) => comfy.ready()],
    ["v2", (comfy) => comfy.choices("KSampler", "sampler_name")],
    ["v2", (comfy) => comfy.listen(() => {})],
  ];
  for (const [dialect, call] of calls) {
    const comfy = new api.ComfyClient({ serverUrl: server.url, dialect });
    await rejects(async () => call(comfy), { code: "unsupported" });
  }
  equal(await server.requests(), []);
});

scenario("everything that the socket tells is heard, of whichever prompt, on one socket with the runs", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  /** @type {any[]} */
  const heard = [];
  const stop = comfy.listen((event) => heard.push(event));
  const stream = comfy.events();
  const first = /** @type {any} */ ((await stream.next()).value);
  equal([first.type, first.data.state], ["connection", "open"]);
  const runs = [await comfy.submit(textToImage({ seed: 31 })), await comfy.submit(textToImage({ seed: 32 }), { wait: true })];
  await runs[0].wait();
  const prompts = new Set(heard.map(({ prompt_id }) => prompt_id).filter(Boolean));
  equal([...prompts].sort(), runs.map(({ promptId }) => promptId).sort());
  ok(heard.some(({ type, prompt_id }) => type === "status" && prompt_id === null), "status belongs to no prompt");
  const preview = heard.find(({ type }) => type === "preview");
  ok(preview.data.image.size > 0, "previews have their picture");
  equal(preview.client_id, comfy.clientId);
  // Under load one may be replaced that was slow to open, but there are never two.
  ok((await server.socketCount(comfy.clientId)) <= 1, "one socket for all of it");
  stop();
  const before = heard.length;
  await comfy.submit(textToImage({ seed: 33 }), { wait: true });
  equal(heard.length, before);
  comfy.close();
  for await (const _ of stream) {
    // What came before; close() ends it.
  }
});

scenario("all clients and calls of one process have one client id and one socket for an address, unless one is given", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const [one, two, own] = [{}, {}, { clientId: "of its own" }].map((more) => new api.ComfyClient({ serverUrl: server.url, ...more }));
  const run = await api.submit(textToImage({ seed: 71 }), { serverUrl: server.url });
  equal([two.clientId, run.clientId], [one.clientId, one.clientId]);
  equal(own.clientId, "of its own");
  const opened = [one, two, own].map((comfy) => new Promise((resolve) => comfy.listen(resolve)));
  await Promise.all(opened);
  equal([await server.socketCount(one.clientId), await server.socketCount("of its own")], [1, 1]);
  for (const comfy of [one, two, own]) comfy.close();
});

scenario("a run goes on whose client is gone, and is found by its id", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  await server.pause();
  const gone = new api.ComfyClient({ serverUrl: server.url, clientId: "a tab" });
  const controller = new AbortController();
  gone.listen(() => {}, { signal: controller.signal });
  const { promptId } = await gone.submit(textToImage({ seed: 72 }));
  controller.abort();
  await until(async () => (await server.socketCount()) === 0, "the client is gone");
  const comfy = new api.ComfyClient({ serverUrl: server.url, clientId: "another" });
  equal((await comfy.status(promptId)).state, "queued");
  await server.resume();
  await until(async () => (await comfy.status(promptId)).state === "completed", "it ran");
  equal((await comfy.pickUp(promptId).fetchImages()).length, 1);
});

scenario("a listener whose socket is lost says so, and hears the next one", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  /** @type {string[]} */
  const states = [];
  const controller = new AbortController();
  comfy.listen(({ type, data }) => type === "connection" && states.push(/** @type {any} */ (data).state), { signal: controller.signal });
  await until(() => states.includes("open"), "it is open");
  await server["faults.dropSocket"]({});
  // No run uses the socket that could open it again.
  await until(() => /open.*reconnecting.*open/.test(states.join()), "it is open again");
  controller.abort();
});

scenario("a listener whose socket cannot send the login says so, and goes on trying as it says", async (api, sim) => {
  const server = await sim.start({ auth: { user: "user", password: "secret" }, cors: true });
  const Global = globalThis.WebSocket;
  /** As a browser's. */
  class Bare {
    /** @param {string} url @param {object} [options] */
    constructor(url, options) {
      if (options) throw new SyntaxError("not a protocol");
      return new Global(url);
    }
  }
  const comfy = new api.ComfyClient({ serverUrl: server.url.replace("://", "://user:secret@"), webSocket: Bare });
  /** @type {any[]} */
  const heard = [];
  const stop = comfy.listen(({ data }) => heard.push(data));
  await until(() => heard.length > 1, "it is tried again");
  stop();
  equal(heard.map(({ state, attempt }) => [state, attempt]).slice(0, 2), [["reconnecting", 1], ["reconnecting", 2]]);
  match(heard[0].reason, /cannot send the login/);
});

scenario("a run is picked up, looked at and cancelled by its id alone", async (api, sim) => {
  const server = await sim.start({ stepMs: 200 });
  const [one, other] = [0, 1].map(() => new api.ComfyClient({ serverUrl: server.url }));
  const running = await one.submit(textToImage({ seed: 51, steps: 30 }));
  const waiting = await one.submit(textToImage({ seed: 52 }));
  await until(async () => (await other.status(running.promptId)).state === "running", "it runs");
  equal(await other.status(waiting.promptId), { state: "queued", position: 1 });
  const queue = await other.queue();
  equal([queue.running[0].promptId, queue.pending[0].promptId], [running.promptId, waiting.promptId]);
  equal(queue.pending[0].clientId, one.clientId);
  const ends = [running.wait(), other.pickUp(waiting.promptId).wait()].map((end) => rejects(end, { code: "interrupted" }));
  equal(await other.cancel(waiting.promptId), true);
  equal(await other.cancel(running.promptId), true);
  await Promise.all(ends);
  await one.submit(textToImage({ seed: 53, steps: 30 }));
  await one.submit(textToImage({ seed: 54 }));
  await one.clearQueue();
  equal((await one.queue()).pending, []);
});

scenario("a client's key goes with its prompts to its own server, and to no other", async (api, sim) => {
  const [mine, other] = [await sim.start(), await sim.start()];
  const comfy = new api.ComfyClient({ serverUrl: mine.url, headers: { Authorization: "Bearer secret" } });
  const flow = await comfy.load(textToImage({ seed: 61 }));
  const copy = flow.clone();
  await copy.submit({ wait: true });
  await flow.submit({ wait: true, serverUrl: other.url });
  const loaded = await api.Workflow.load(textToImage({ seed: 62 }), { serverUrl: mine.url, headers: { Authorization: "Bearer secret" } });
  await loaded.submit({ wait: true });
  const sent = async (/** @type {any} */ server) =>
    
    /** @type {any[]} */ (await server.requests()).filter(({ route }) => route === "POST /prompt").map(({ headers }) => headers.authorization);
  equal(await sent(mine), ["Bearer secret", "Bearer secret"]);
  equal(await sent(other), [undefined]);
});

scenario("inputs are set by name, seeds are chosen and told, copies are their own", async (api, sim) => {
  const server = await sim.start();
  const flow = await api.Workflow.load(prompt(), { serverUrl: server.url });
  const copy = flow.clone();
  const [seed] = flow.seeds();
  flow.set(`${seed.node}.${seed.input}`, 7);
  equal(flow.seeds()[0].value, 7);
  equal(copy.seeds()[0].value, seed.value);
  equal(flow.seed(42)[0].value, 42);
  const [{ value }] = flow.seed();
  ok(Number.isInteger(value) && value !== 42, "a new seed is a whole number");
  equal(/** @type {any} */ (flow.prompt)[seed.node].inputs[seed.input], value);
  match((await rejects(() => flow.set("NoNode.x", 1), { code: "bad_input" })).message, /Its nodes/);
});

scenario("a path follows links, titles may hold dots in quotes, and what fits several or none says which there are", async (api) => {
  const nodes = /** @type {any} */ (textToImage());
  nodes[6]._meta = { title: "v1.5 prompt" };
  nodes[7]._meta = { title: "Negative" };
  const flow = await api.Workflow.load(nodes);
  flow.set("KSampler.positive.text", "through the link");
  equal(flow.prompt[6].inputs.text, "through the link");
  flow.set('"v1.5 prompt".text', "by its title");
  equal(flow.prompt[6].inputs.text, "by its title");
  flow.set("Negative.text", "by a plain title");
  equal(flow.prompt[7].inputs.text, "by a plain title");
  flow.set("3.steps", 9);
  equal(flow.prompt[3].inputs.steps, 9);
  const several = await rejects(async () => flow.set("CLIPTextEncode.text", "x"), { code: "bad_input" });
  match(several.message, /6.*7/s);
  const none = await rejects(async () => flow.set("KSampler.sed", 1), { code: "bad_input" });
  match(none.message, /seed/);
});

// @ts-check
// `ComfyClient`: a server as an object.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage as prompt } from "./prompts.mjs";

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

scenario("a client keeps its key from its JSON, and gives what it loads its login", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url, headers: { "X-Own": "secret" } });
  ok(!JSON.stringify(comfy).includes("secret"), "no header in the JSON");
  const flow = await comfy.load(prompt());
  await flow.submit({ wait: true });
  const posted = (await server.requests()).find(({ path, method }) => path === "/prompt" && method === "POST");
  equal(posted?.headers?.["x-own"], "secret");
});

scenario("a server that starts late is waited for; a refused login is not", async (api, sim) => {
  const server = await sim.start();
  const { url } = server;
  const comfy = new api.ComfyClient({ serverUrl: url.replace(/:\d+/, ":9") });
  await rejects(() => comfy.ready({ timeoutMs: 0 }), { code: "network" });
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

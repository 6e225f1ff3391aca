// @ts-check
// `ComfyPool`: jobs over several servers.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";
import { recorder, requestsTo, until } from "./runs.mjs";

scenario("a pool runs every job once, each on one server", async (api, sim) => {
  const servers = [await sim.start(), await sim.start()];
  const pool = new api.ComfyPool(servers.map(({ url }, index) => ({ name: `server ${index}`, serverUrl: url })));
  const jobs = Array.from({ length: 8 }, (_, seed) =>
    pool.run(async (comfy) => {
      const run = await comfy.submit(textToImage({ seed: seed + 1 }), { wait: true });
      const [image] = await run.fetchImages();
      ok(image.url.startsWith(comfy.serverUrl), "the picture comes from the server that made it");
      return comfy.serverUrl;
    }),
  );
  const places = await Promise.all(jobs);
  ok(new Set(places).size === 2, "both servers work");
  for (const server of servers) {
    const posts = (await server.requests()).filter(({ method, path }) => method === "POST" && path === "/prompt");
    equal(posts.length, places.filter((place) => place === server.url.replace(/\/$/, "")).length);
  }
});

scenario("a server that cannot be reached is left out, and the job runs elsewhere", async (api, sim) => {
  const server = await sim.start();
  const pool = new api.ComfyPool([{ name: "gone", serverUrl: "http://127.0.0.1:9" }, { name: "there", serverUrl: server.url }]);
  const changes = /** @type {string[]} */ ([]);
  pool.addEventListener("change", ({ server: name, state }) => changes.push(`${name} ${state}`));
  const run = await pool.submit(textToImage(), { wait: true });
  equal(run.status, "completed");
  ok(changes.includes("there busy"), `${changes}`);
  equal(pool.servers.find(({ name }) => name === "gone")?.state, "down");
  equal(pool.remove("gone"), true);
  equal(pool.remove("gone"), false);
});

scenario("a job runs where it suits, or is refused", async (api, sim) => {
  const servers = [await sim.start(), await sim.start()];
  const pool = new api.ComfyPool(servers.map(({ url }) => ({ serverUrl: url })));
  const wanted = servers[1].url.replace(/\/$/, "");
  const place = await pool.run((comfy) => comfy.serverUrl, { where: (comfy) => comfy.serverUrl === wanted });
  equal(place, wanted);
  const refused = await rejects(() => pool.run(() => 1, { where: () => false }), { code: "no_server" });
  match(refused.message, /suits/);
  await rejects(() => pool.run(() => 1, /** @type {any} */ ({ prioritty: 1 })), { code: "bad_input" });
  const controller = new AbortController();
  let hasBegun = false;
  const job = pool.run(
    () => {
      hasBegun = true;
      return new Promise(() => {});
    },
    { signal: controller.signal },
  );
  await until(() => hasBegun, "the job has begun");
  controller.abort(new Error("enough"));
  await rejects(job, { message: "enough" });
  equal(pool.waiting, 0, "an aborted job does not count");
});

scenario("an error of the job's own is the job's, and is not tried again", async (api, sim) => {
  const server = await sim.start();
  const pool = new api.ComfyPool([{ serverUrl: server.url }]);
  let calls = 0;
  await rejects(
    () =>
      pool.run(() => {
        calls += 1;
        throw new RangeError("mine");
      }),
    { message: "mine" },
  );
  equal(calls, 1);
});

scenario("a server that dies under a job is down at once, and nothing is sent to it until it is back", async (api, sim) => {
  const servers = [await sim.start({ stepMs: 200 }), await sim.start()];
  const [dying, other] = servers;
  const pool = new api.ComfyPool(servers.map(({ url }, at) => ({ name: `${at}`, serverUrl: url, idleTimeoutMs: 200, pollIntervalMs: 50 })));
  const state = () => pool.servers.find(({ name }) => name === "0")?.state;
  const prompts = async (/** @type {any} */ server) => (await requestsTo(server, "POST /prompt")).length;
  const where = (/** @type {any} */ comfy) => comfy.serverUrl === dying.url;
  const heard = recorder();
  const running = pool.submit(textToImage({ seed: 1, steps: 50 }), { wait: true, where, waitTimeoutMs: 6_000, onEvent: heard });
  const ended = rejects(running, { code: "timeout" });
  await heard.heard("executing");
  equal(state(), "busy");
  await dying.stop();
  await until(() => state() === "down", "it is down while its job is followed");
  equal((await pool.submit(textToImage({ seed: 2 }), { wait: true })).serverUrl, other.url);
  await ended;
  equal(state(), "down", "also once its job has given up");
  await dying.start();
  equal((await pool.submit(textToImage({ seed: 3 }), { wait: true, where })).status, "completed");
  equal([await prompts(dying), await prompts(other)], [2, 1]);
});

/**
 * A proxy in front of a server, which it does not reach from the moment when a request fits.
 *
 * @param {(method: string, url: string) => boolean} fits
 * @param {number} status
 * @param {boolean} [arrives] the request that fits is not kept from the server, its answer is kept from the caller
 */
function proxy(fits, status, arrives = false) {
  let isBroken = false;
  return async (/** @type {any} */ url, /** @type {any} */ init) => {
    const isFirst = !isBroken && fits(init?.method ?? "GET", String(url));
    isBroken ||= isFirst;
    if (isFirst && arrives) await fetch(url, init);
    return isBroken ? new Response("<h1>Bad Gateway</h1>", { status }) : fetch(url, init);
  };
}

scenario("what a proxy answers in place of a server moves a job of which no server may have a prompt", async (api, sim) => {
  /** @type {Record<string, (comfy: import("comfyui-autoflow").ComfyClient) => Promise<unknown>>} */
  const calls = {
    "/models/": (comfy) => comfy.models("checkpoints"),
    "/object_info": (comfy) => comfy.choices("KSampler", "sampler_name"),
    "/upload/image": (comfy) => comfy.upload(new Blob(["x"]), { name: "a.png" }),
  };
  for (const [at, [route, call]] of Object.entries(calls).entries()) {
    const [behind, other] = [await sim.start(), await sim.start()];
    const broken = proxy((_, url) => url.includes(route), [502, 503, 504][at]);
    const pool = new api.ComfyPool([{ serverUrl: behind.url, fetch: broken }]);
    const states = /** @type {string[]} */ ([]);
    pool.addEventListener("change", ({ state }) => states.push(state));
    const job = pool.run(async (comfy) => {
      await call(comfy);
      return (await comfy.submit(textToImage(), { wait: true })).serverUrl;
    });
    await until(() => /busy.*down/.test(states.join()), `${route}: it begins, and is down`);
    pool.add({ serverUrl: other.url });
    equal(await job, other.url, route);
    equal(await requestsTo(behind, "POST /prompt"), []);
  }
});

scenario("a submission that a proxy answers in place of the server is not sent again, because the server may have it", async (api, sim) => {
  for (const arrives of [true, false]) {
    const [behind, other] = [await sim.start({ held: true }), await sim.start()];
    const broken = proxy((method) => method === "POST", 502, arrives);
    const pool = new api.ComfyPool([{ name: "behind", serverUrl: behind.url, fetch: broken }]);
    const job = pool.submit(textToImage(), { wait: true });
    await rejects(job, { code: "http", status: 502, taken: "unknown" });
    equal(pool.servers[0].state, "down");
    pool.add({ serverUrl: other.url });
    equal(await requestsTo(other, "POST /prompt"), []);
  }
});

scenario("a server that a job's `where` cannot ask is left out, and the job runs elsewhere", async (api, sim) => {
  for (const [status, state] of /** @type {const} */ ([[503, "down"], [401, "unauthorized"]])) {
    const [left, other] = [await sim.start(), await sim.start()];
    const broken = proxy((_, url) => url.includes("/models/"), status);
    const pool = new api.ComfyPool([{ name: "left", serverUrl: left.url, fetch: broken }, { serverUrl: other.url }]);
    const where = (/** @type {any} */ comfy) => comfy.hasModel("checkpoints", "model.safetensors").then(() => true);
    equal((await pool.submit(textToImage(), { wait: true, where })).serverUrl, other.url);
    await until(() => pool.servers[0].state === state, `it is ${state}`);
  }
});

scenario("the signal of pool.submit takes a job out of the queue, and cancels a run that has begun on its server", async (api, sim) => {
  const server = await sim.start({ stepMs: 200 });
  const pool = new api.ComfyPool([{ serverUrl: server.url }]);
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = pool.submit(textToImage({ seed: 1, steps: 50 }), { wait: true, signal: running.signal });
  const second = pool.submit(textToImage({ seed: 2 }), { wait: true, signal: waiting.signal });
  await until(async () => (await requestsTo(server, "POST /prompt")).length === 1, "the first one is sent");
  equal(pool.waiting, 1);
  waiting.abort(new Error("not any more"));
  await rejects(second, { message: "not any more" });
  equal(pool.waiting, 0);
  running.abort(new Error("enough"));
  await rejects(first, { message: "enough" });
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  await until(async () => (await comfy.history())[0]?.status === "interrupted", "the server stopped it");
  await until(() => pool.servers[0].state === "ready", "its place is free");
  equal((await requestsTo(server, "POST /prompt")).length, 1);
});

scenario("pool.submit sends the prompt as it is at the call, and tells of a mistake in it without waiting for a server", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const pool = new api.ComfyPool([{ serverUrl: server.url }]);
  const flow = await api.Workflow.load(textToImage());
  const nodes = /** @type {any} */ (textToImage());
  const options = /** @type {any} */ ({ wait: true, extraData: { note: "before" } });
  const runs = [1, 2].flatMap((seed) => {
    flow.seed(seed);
    nodes[3].inputs.seed = seed + 10;
    options.extraData.note = `${seed}`;
    return [pool.submit(flow, { wait: true }), pool.submit(nodes, options)];
  });
  equal(pool.waiting, 4, "they wait from the call on");
  await Promise.all(runs);
  const sent = (await requestsTo(server, "POST /prompt")).map(({ body }) => [body.prompt[3].inputs.seed, body.extra_data.note]);
  equal(sent, [[1, null], [11, "1"], [2, null], [12, "2"]]);
  const gone = new api.ComfyPool([{ serverUrl: "http://127.0.0.1:9" }]);
  const wrong = /** @type {any} */ ({ wait: true, priorty: 1 });
  match((await rejects(gone.submit(textToImage(), wrong), { code: "bad_input" })).message, /^pool\.submit has no option priorty\./);
  match((await rejects(gone.submit(/** @type {any} */ (undefined)), { code: "bad_input" })).message, /^pool\.submit wants a prompt/);
  await rejects(gone.submit(/** @type {any} */ ({ nodes: [] }), { wait: true }), { code: "bad_input", hint: { advice: "load_workflow" } });
  equal(gone.waiting, 0);
});

scenario("errors of a pool name the call", async (api, sim) => {
  const server = await sim.start();
  const pool = new api.ComfyPool([{ serverUrl: server.url }]);
  const wrong = /** @type {any} */ ({ priority: "high" });
  match((await rejects(() => pool.submit(textToImage(), wrong), { code: "bad_input" })).message, /of pool\.submit must be/);
  match((await rejects(() => pool.run(() => 1, wrong), { code: "bad_input" })).message, /of pool\.run must be/);
});

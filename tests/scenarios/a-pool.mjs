// @ts-check
// `ComfyPool`: jobs over several servers.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";
import { until } from "./runs.mjs";

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

// @ts-check
// A pool under load: a thousand jobs over three servers, of which one is slow and one is killed and started again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { WebSocket } from "ws";
import { counting, failing, shownText } from "../scenarios/prompts.mjs";

globalThis.WebSocket ??= /** @type {any} */ (WebSocket);
const { ComfyError, ComfyPool } = await import("comfyui-autoflow/node");

const JOBS = 1000;

test("a thousand jobs end once each, none runs twice, and the load is spread as the servers' speed is", { timeout: 120_000 }, async () => {
  // Of one step of 20 ms: the slow one takes 400.
  const simulators = await Promise.all([1, 1, 0.05].map((speed) => startSimulator({ lab: true, speed, previews: false })));
  const [, killed] = simulators;
  /** Which seeds ran to their end, and where. @type {Map<number, number[]>} */
  const ran = new Map();
  simulators.forEach((simulator, index) => {
    simulator.on("answer", ({ route, status, body }) => {
      if (route !== "POST /prompt" || status !== 200) return;
      const { seed } = body.prompt[1].inputs;
      ran.set(seed, [...(ran.get(seed) ?? []), index]);
    });
  });
  const pool = new ComfyPool(simulators.map(({ url }, index) => ({ name: `${index}`, serverUrl: url, limit: 2, pollIntervalMs: 100 })));
  /** @type {string[]} */
  const changes = [];
  pool.addEventListener("change", ({ server, state }) => void changes.push(`${server} ${state}`));
  const isDown = new Promise((resolve) => {
    pool.addEventListener("change", ({ server, state }) => server === "1" && state === "down" && ends > 0 && resolve(undefined));
  });
  let ends = 0;
  const kill = async () => {
    await killed.stop();
    // A connection that was kept alive may be noticed as cut only when it is used: then nobody knows what the server has.
    const refusal = () => fetch(killed.url).then(() => undefined, ({ cause }) => cause?.code);
    while ((await refusal()) !== "ECONNREFUSED");
  };
  /** @type {Promise<void> | undefined} */
  let killing;
  const jobs = Array.from({ length: JOBS }, (_, seed) =>
    pool
      .run(async (comfy) => {
        // Just before a job is sent to it: the jobs that it had taken keep their places until it is back.
        if (ends >= JOBS / 4 && comfy.serverUrl === killed.url) await (killing ??= kill());
        return comfy.submit(counting({ steps: 1, delayMs: 20, seed }), { wait: true, idleTimeoutMs: 300 });
      })
      .then(() => "completed", (error) => (error instanceof ComfyError ? `${error.code}, taken: ${error.taken}` : String(error)))
      .finally(() => {
        ends += 1;
      }),
  );
  await isDown;
  await killed.start();
  const results = await Promise.all(jobs);
  await Promise.all(simulators.map((simulator) => simulator.close()));

  assert.equal(ends, JOBS);
  // What the killed server had is lost with it: its jobs end as errors, and are not called again.
  const lost = results.filter((result) => result !== "completed");
  assert.ok(lost.length <= 2, `lost: ${lost}`);
  const unheard = "network, taken: unknown";
  for (const result of lost) assert.ok(["vanished, taken: true", "network, taken: true", unheard].includes(result), result);
  const accepted = [...ran.values()];
  assert.deepEqual(accepted.filter((servers) => servers.length > 1), [], "no prompt was taken twice");
  const untaken = results.flatMap((result, seed) => (ran.has(seed) || result === unheard ? [] : [seed]));
  assert.deepEqual(untaken, [], "each was taken, but for one whose answer nobody heard");
  const share = [0, 1, 2].map((index) => accepted.filter(([server]) => server === index).length);
  assert.ok(share[0] > share[1] && share[1] > share[2] && share[2] > 20, `shares: ${share}`);
  assert.ok(share[0] > 3 * share[2], `the slow one took ${share[2]} of ${JOBS}`);
  assert.ok(changes.includes("1 down") && changes.lastIndexOf("1 ready") > changes.indexOf("1 down"), "it came back");
  console.log(`shares: ${share.join(", ")}; ended with an error: ${lost.length}`);
});

test("a job whose submission no server took is called again, one whose prompt may be taken is not", async () => {
  const simulators = await Promise.all([startSimulator({ lab: true }), startSimulator({ lab: true })]);
  const [broken, other] = simulators;
  broken.faults.failRequests({ route: "POST /prompt", how: "reset", times: 1 });
  const pool = new ComfyPool(simulators.map(({ url }, index) => ({ name: `${index}`, serverUrl: url })));
  let calls = 0;
  const place = await pool.run(async (comfy) => {
    calls += 1;
    await comfy.submit(shownText("again"), { wait: true });
    return comfy.serverUrl;
  });
  assert.deepEqual([calls, place], [2, other.url]);
  // The server takes the prompt, and nobody answers any more.
  for (const simulator of simulators) {
    simulator.on("prompt_queued", () => setImmediate(() => void simulator.stop()));
    simulator.faults.delayAnswer({ route: "POST /prompt" });
  }
  calls = 0;
  const error = await pool
    .run((comfy) => {
      calls += 1;
      return comfy.submit(shownText("taken"));
    })
    .catch((error) => error);
  assert.deepEqual([calls, error.code, error.taken], [1, "network", "unknown"]);
  await Promise.all(simulators.map((simulator) => simulator.close()));
});

test("an error of a submission says whether the server has the prompt", async () => {
  const { submit } = await import("comfyui-autoflow/node");
  const simulator = await startSimulator({ lab: true });
  const taken = async (/** @type {any} */ prompt, /** @type {any} */ options = {}) =>
    submit(prompt, { serverUrl: simulator.url, ...options }).then(
      () => assert.fail("it was taken"),
      (error) => [error.code, error.taken],
    );
  assert.deepEqual(await taken({}), ["bad_input", false]);
  assert.deepEqual(await taken({ 1: { class_type: "NoSuchClass", inputs: {} } }), ["invalid_prompt", false]);
  assert.equal((await taken(failing(), { wait: true }))[1], true);
  await simulator.close();
  const gone = await startSimulator();
  await gone.close();
  assert.deepEqual(await taken(shownText(), { serverUrl: gone.url }), ["network", false], "the connection is refused");
});

// @ts-check
// Frames that come while the answer to the submission is a long way off, or never comes: they tell that the server has
// the prompt, because nobody else knows an id that was made for it.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, failing, textToImage } from "./prompts.mjs";
import { recorder, requestsTo, until } from "./runs.mjs";

const ANSWER = { faults: { delayAnswer: { route: "POST /prompt" } } };

scenario("a run is told live, with its previews, and settles at its end before its submission is answered", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, ...ANSWER });
  const heard = recorder();
  const call = api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard });
  await heard.heard("completed");
  equal(heard.of("preview").length, 4, "one a step");
  equal(heard.types().slice(0, 2), ["submitted", "connection"]);
  // The answer would have brought the number; it is still held back.
  const run = await call;
  equal([run.status, run.number, run.nodeErrors, run.promptId], ["completed", null, {}, heard.end().prompt_id]);
  equal(heard.end().detected_by, undefined);
  await server["faults.release"]("delayAnswer");
});

scenario("wait: true settles at the terminal event where the answer to the submission never comes", async (api, sim) => {
  for (const [prompt, end] of /** @type {const} */ ([[counting(), "completed"], [failing("boom"), "error"]])) {
    const server = await sim.start({ lab: true });
    const heard = recorder();
    /** @type {typeof fetch} */
    const unanswered = (url, init) => {
      const answer = fetch(url, { ...init, signal: null });
      return init?.method === "POST" ? new Promise(() => {}) : answer;
    };
    const call = api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, fetch: unanswered });
    const settled = call.then(() => "completed", (/** @type {any} */ error) => (error.code === "execution_error" ? "error" : error.code));
    await heard.heard(end);
    const soon = new Promise((resolve) => setTimeout(resolve, 2_000, "still waiting"));
    equal(await Promise.race([settled, soon]), end);
    await until(async () => (await server.socketCount()) === 0, "nothing is left open");
  }
});

scenario("an answer to the submission that is lost for good changes nothing of a run that is heard", async (api, sim) => {
  for (const [prompt, end] of /** @type {const} */ ([[counting(), "completed"], [failing("boom"), "error"]])) {
    const server = await sim.start({ lab: true });
    const heard = recorder();
    /** @type {typeof fetch} */
    const lossy = async (url, init) => {
      await fetch(url, init);
      await heard.heard(end);
      throw new TypeError("the answer is lost");
    };
    const call = api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard, fetch: lossy });
    if (end === "error") await rejects(call, { code: "execution_error", message: /boom/ });
    else equal(Object.keys((await call).outputs), ["2"]);
    equal(heard.end().type, end);
  }
});

scenario("an abort of a run that is heard cancels it before its submission is answered", async (api, sim) => {
  const server = await sim.start({ lab: true, ...ANSWER });
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal };
  const call = api.submit(endless(), options);
  await heard.heard("progress");
  controller.abort();
  await rejects(call, { name: "AbortError" });
  await until(async () => (await server.frames()).some(({ type }) => type === "execution_interrupted"), "it is stopped");
  await server["faults.release"]("delayAnswer");
  const stops = async () => (await server.requests()).filter(({ route }) => /cancel|interrupt/.test(route));
  equal((await stops()).filter(({ method }) => method === "POST").length, 1, "once");
});

scenario("an id that the caller chose may have been used before: its frames wait for the answer", async (api, sim) => {
  const server = await sim.start({ lab: true, ...ANSWER });
  const heard = recorder();
  const promptId = crypto.randomUUID();
  const call = api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: heard, promptId });
  await until(async () => (await server.frames()).some(({ type }) => type === "execution_success"), "it has run");
  equal(heard.events, []);
  await server["faults.release"]("delayAnswer");
  await call;
  equal(heard.end().type, "completed");
  equal((await requestsTo(server, "POST /prompt")).length, 1);
});

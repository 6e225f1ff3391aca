// @ts-check
// What a callback does in the middle of an event, and a socket that speaks in the middle of a call: nothing gets mixed up.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, shownText } from "./prompts.mjs";
import { recorder, requestsTo } from "./runs.mjs";

/**
 * A server and its socket in one, which says what it is told to at once, in the middle of whatever goes on.
 *
 * @param {string} promptId
 */
function spoken(promptId) {
  /** @type {any} */
  let socket;
  class Socket {
    constructor() {
      socket = this;
      setTimeout(() => socket.onopen());
    }
    send() {
      say("feature_flags", {});
    }
    close() {
      socket.onclose?.({});
    }
  }
  const say = (/** @type {string} */ type, /** @type {Record<string, unknown>} */ data) =>
    socket.onmessage?.({ data: JSON.stringify({ type, data: { ...data, prompt_id: promptId } }) });
  const answer = async () => Response.json({ prompt_id: promptId, number: 1, node_errors: {} });
  const options = { serverUrl: "http://server.example", clientId: promptId, promptId, webSocket: Socket, fetch: answer };
  return { options: { ...options, wait: true }, say };
}

scenario("frames that come in the middle of a callback are told after it, each with its own data", async (api) => {
  const { options, say } = spoken(crypto.randomUUID());
  const heard = recorder();
  const onEvent = (/** @type {any} */ event) => {
    heard(event);
    if (event.type === "execution_start") {
      say("executing", { node: "1" });
      say("progress", { node: "1", value: 1, max: 2 });
      say("executed", { node: "1", output: { text: ["said"] } });
    }
  };
  const call = api.submit(shownText(), { ...options, onEvent });
  await heard.heard("submitted");
  say("execution_start", {});
  say("executing", { node: null });
  equal((await call).outputs, { 1: { text: ["said"] } });
  equal(heard.end().type, "completed");
  equal(heard.types().filter((type) => !["submitted", "connection"].includes(type)), [
    "execution_start", "executing", "progress", "executed", "executing", "completed",
  ]);
  equal([heard.of("progress")[0].data.value, heard.of("executed")[0].data.output.text[0]], [1, "said"]);
});

scenario("an end that comes in the middle of a callback ends the run once", async (api) => {
  const { options, say } = spoken(crypto.randomUUID());
  const heard = recorder();
  const onEvent = (/** @type {any} */ event) => {
    heard(event);
    if (event.type === "executing" && event.data.node) {
      say("executing", { node: null });
      say("executing", { node: null });
      say("execution_error", { node_id: "1" });
    }
  };
  const call = api.submit(shownText(), { ...options, onEvent });
  await heard.heard("submitted");
  say("execution_start", {});
  say("executing", { node: "1" });
  say("progress", { node: "1", value: 1, max: 1 });
  equal((await call).status, "completed");
  equal(heard.end().type, "completed");
});

scenario("a callback may submit, follow, iterate and cancel", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const options = { serverUrl: server.url, wait: true };
  const [outer, inner] = [recorder(), recorder()];
  /** @type {Promise<unknown>[]} */
  const begun = [];
  const run = await api.submit(endless(), { serverUrl: server.url });
  const looped = async () => {
    let count = 0;
    for await (const event of run.events()) count += event.type === "progress" ? 1 : 0;
    return count;
  };
  const call = run.wait({
    onEvent: (event) => {
      outer(event);
      if (outer.of("progress").length === 1 && event.type === "progress") {
        begun.push(api.submit(shownText(), { ...options, onEvent: inner }), looped());
        equal(run.status, "running");
      }
      if (outer.of("progress").length === 5 && event.type === "progress") begun.push(run.cancel());
    },
  });
  await rejects(call, { code: "interrupted" });
  await outer.heard("progress");
  const [other, count, cancelled] = await Promise.all(begun);
  equal(/** @type {any} */ (other).status, "completed");
  ok(Number(count) >= 4, `${count} steps were iterated`);
  equal(cancelled, true);
  equal(inner.end().type, "completed");
  equal((await requestsTo(server, "GET /ws")).length, 1);
});

scenario("what a callback changes about an event changes nothing else", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const vandal = (/** @type {any} */ event) => {
    event.type = "mine";
    delete event.raw;
    event.data = null;
    try {
      event.nodes_total.push("99");
    } catch {
      // They are frozen.
    }
  };
  const run = await api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: vandal });
  equal([run.status, Object.keys(run.outputs)], ["completed", ["2"]]);
  await run.wait({ onEvent: heard });
  equal(heard.events.length, 1);
});

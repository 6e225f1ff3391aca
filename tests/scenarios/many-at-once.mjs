// @ts-check
// Many runs of one client: they share a socket and are kept apart.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, failing, shownText } from "./prompts.mjs";
import { recorder, requestsTo, until } from "./runs.mjs";

/** @typedef {import("./harness.mjs").Server} Server */

/** What the frames of a shown text are, from its start to its end. */
const FRAMES = [
  "execution_start",
  "execution_cached",
  "progress_state",
  "executing",
  "executed",
  "progress_state",
  "execution_success",
  "executing",
  "completed",
];

const SERVERS = {
  "an ordinary server": {},
  "a server that tells everyone of every prompt": { broadcast: true },
  "frames of prompts that are not theirs": { faults: { foreignFrames: { every: 2 } } },
};

// One server after the other: three hundred runs at once would keep a slow machine busy for longer than a socket has
// time to open.
scenario("a hundred runs at once share one socket and are kept apart, whatever the server tells", async (api, sim) => {
  for (const [how, options] of Object.entries(SERVERS)) {
    const server = await sim.start({ lab: true, held: true, ...options });
    const runs = Array.from({ length: 100 }, (_, at) => {
      const heard = recorder();
      return { text: `text ${at}`, heard, call: api.submit(shownText(`text ${at}`), wait(server, heard)) };
    });
    await Promise.all(runs.map(({ heard }) => heard.heard("submitted")));
    equal(await server.socketCount(), 1, how);
    await server.resume();
    for (const { text, heard, call } of runs) {
      equal((await call).outputs, { 1: { text: [text] } }, how);
      equal([heard.end().type, heard.end().detected_by], ["completed", undefined], how);
      const frames = heard.types().filter((type) => !["submitted", "connection", "status", "queue"].includes(type));
      equal(frames, FRAMES, how);
      equal(heard.of("executed").map(({ data }) => data.output.text[0]), [text], how);
    }
    equal((await requestsTo(server, "GET /ws")).length, 1, how);
    await until(async () => (await server.socketCount()) === 0, "the last one closes it");
  }
});

/** @param {Server} server @param {ReturnType<typeof recorder>} heard */
function wait(server, heard) {
  // Long: a slow machine must not turn to asking here.
  return { serverUrl: server.url, wait: true, onEvent: heard, idleTimeoutMs: 60_000 };
}

scenario("runs that wait share their questions to the queue, and leave the history alone", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const runs = Array.from({ length: 50 }, (_, at) => {
    const heard = recorder();
    const options = { serverUrl: server.url, wait: true, onEvent: heard, idleTimeoutMs: 100, pollIntervalMs: 2_000 };
    return { heard, call: api.submit(shownText(`text ${at}`), options) };
  });
  await Promise.all(runs.map(({ heard }) => heard.heard("queue")));
  // One of them may run already where the server holds it.
  const places = new Set(runs.map(({ heard }) => heard.of("queue")[0].data.position));
  equal(places.size, 50, "each has its own place");
  ok((await requestsTo(server, "GET /queue")).length < 25, "half as many questions as runs, at most");
  equal(await requestsTo(server, "GET /history/{prompt_id}"), []);
  await server.resume();
  await Promise.all(runs.map(({ call }) => call));
});

scenario("on a server that tells everyone everything, another client's end is not ours", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true, broadcast: true });
  const heard = Array.from({ length: 3 }, () => recorder());
  const calls = heard.map((one, at) => {
    const prompt = at === 1 ? failing("theirs") : counting({ seed: at });
    return api.submit(prompt, { ...wait(server, one), clientId: `client ${at}` });
  });
  const failed = rejects(calls[1], { code: "execution_error" });
  await Promise.all(heard.map((one) => one.heard("submitted")));
  await server.resume();
  await Promise.all([calls[0], failed, calls[2]]);
  equal(heard.map((one) => one.end().type), ["completed", "error", "completed"]);
  for (const one of heard) equal(one.of("execution_start").length, 1);
});

scenario("a run that is submitted while others run joins their socket", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const [first, second] = [recorder(), recorder()];
  const one = api.submit(counting(), wait(server, first));
  await first.heard("submitted");
  const two = api.submit(shownText(), wait(server, second));
  await second.heard("submitted");
  await server.resume();
  await Promise.all([one, two]);
  equal((await requestsTo(server, "GET /ws")).length, 1);
  equal([first.end().detected_by, second.end().detected_by], [undefined, undefined]);
});

scenario("runs of two servers, or of two client ids, do not share a socket", async (api, sim) => {
  const [one, two] = [await sim.start({ lab: true }), await sim.start({ lab: true })];
  await Promise.all([
    api.submit(shownText("a"), { serverUrl: one.url, wait: true, clientId: "a" }),
    api.submit(shownText("b"), { serverUrl: one.url, wait: true, clientId: "b" }),
    api.submit(shownText("c"), { serverUrl: two.url, wait: true, clientId: "a" }),
  ]);
  const clients = async (/** @type {Server} */ server) =>
    (await requestsTo(server, "GET /ws")).map(({ query }) => query.clientId).sort();
  equal([await clients(one), await clients(two)], [["a", "b"], ["a"]]);
});

scenario("runs that follow each other have one client id, which no other program has", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const ids = [];
  for (const text of ["a", "b"]) ids.push((await api.submit(shownText(text), { serverUrl: server.url, wait: true })).clientId);
  equal(ids[0], ids[1]);
  ok(/^[0-9a-f-]{36}$/.test(ids[0]), `${ids[0]} is no UUID`);
});

scenario("an id that a run of this program has is not submitted again before that run has ended", async (api, sim) => {
  const [server, other] = [await sim.start({ lab: true, held: true }), await sim.start({ lab: true })];
  const promptId = crypto.randomUUID();
  const options = { serverUrl: server.url, wait: true, promptId };
  const refused = { code: "bad_input", taken: false, promptId, hint: { option: "promptId", advice: "use_new_id" } };
  const heard = recorder();
  const first = api.submit(shownText("first"), { ...options, onEvent: heard });
  await rejects(api.submit(shownText("second"), options), { ...refused, message: /fromPromptId/ });
  await heard.heard("submitted");
  for (const call of [
    () => api.submit(shownText("third"), { serverUrl: `${server.url}/`, promptId }),
    () => new api.ComfyClient({ serverUrl: server.url }).submit(shownText("third"), options),
    async () => (await api.Workflow.load(shownText("third"))).submit(options),
  ]) {
    await rejects(call, refused);
  }
  // Of another server's runs nothing is known here, and the run itself may be followed as often as one wants.
  equal((await api.submit(shownText("elsewhere"), { ...options, serverUrl: other.url })).outputs, { 1: { text: ["elsewhere"] } });
  const followed = api.Submission.fromPromptId(promptId, { serverUrl: server.url }).wait();
  await server.resume();
  equal([(await first).outputs, (await followed).outputs].map((outputs) => outputs[1]?.text?.[0]), ["first", "first"]);
  equal((await requestsTo(server, "POST /prompt")).length, 1, "nothing was sent of what was refused");
  equal((await api.submit(shownText("after the end"), options)).outputs, { 1: { text: ["after the end"] } });
  await rejects(api.submit(/** @type {any} */ ({ 1: { class_type: "Nope", inputs: {} } }), options), { code: "invalid_prompt" });
  equal((await api.submit(shownText("after a failure"), options)).outputs, { 1: { text: ["after a failure"] } });
});

// @ts-check
// Options: each is checked before anything is sent, and the message names the one that is wrong.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, shownText } from "./prompts.mjs";
import { requestsTo } from "./runs.mjs";

/** What is wrong for each option. @type {Record<string, unknown[]>} */
const WRONG = {
  serverUrl: [7, {}, "ftp://host", "http://", "not a host"],
  clientId: [7, ""],
  promptId: [7, ""],
  wait: ["yes", 1],
  front: [1],
  previews: ["auto"],
  pollQueue: ["yes"],
  idleTimeoutMs: ["1", 0, -1, NaN, 5n],
  pollIntervalMs: ["1", 0, -1, NaN, true],
  waitTimeoutMs: ["1", 0, -1, NaN, {}],
  headers: [7, "X: y", { a: 1 }, [["a", "b"]], { "a b": "c" }, { a: "b\r\nc: d" }],
  apiKey: [7, {}],
  extraData: [7, "{}", []],
  partialExecutionTargets: ["9", [9], {}],
  signal: [7, {}, new AbortController()],
  fetch: [7, {}],
  webSocket: [7, {}],
};

/** @param {unknown} value */
const shown = (value) => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value));

for (const [name, values] of Object.entries(WRONG)) {
  scenario(`submit refuses a wrong ${name}, and sends nothing`, async (api, sim) => {
    const server = await sim.start({ lab: true });
    for (const value of values) {
      const options = /** @type {any} */ ({ serverUrl: server.url, wait: true, [name]: value });
      const error = await rejects(api.submit(shownText(), options), { code: "bad_input", name: "ComfyError" });
      match(error.message, name === "serverUrl" ? /server URL|serverUrl/ : new RegExp(name));
      ok(!error.message.includes(`${shown(value)}\n`), "in one line");
    }
    equal(await server.requests(), []);
  });
}

scenario("an onEvent that is no function is refused", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const onEvent of [7, {}, "log"]) {
    const options = /** @type {any} */ ({ serverUrl: server.url, wait: true, onEvent });
    match((await rejects(api.submit(shownText(), options), { code: "bad_input" })).message, /onEvent/);
  }
  equal(await server.requests(), []);
});

scenario("options that are null or undefined are as good as absent", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const nothing = Object.fromEntries(Object.keys(WRONG).flatMap((name) => [[name, null]]));
  const options = /** @type {any} */ ({ ...nothing, serverUrl: server.url, wait: true, onEvent: null });
  equal((await api.submit(shownText(), options)).status, "completed");
});

scenario("a misspelt option is refused, with the name that was meant", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const [wrong, meant] of Object.entries({
    client_id: "clientId",
    idleTimeout: "idleTimeoutMs",
    onevent: "onEvent",
    waitt: "wait",
    onEvents: "onEvent",
    headrs: "headers",
  })) {
    const options = /** @type {any} */ ({ serverUrl: server.url, [wrong]: "x" });
    const hint = { option: meant, advice: "rename_option" };
    const error = await rejects(api.submit(shownText(), options), { code: "bad_input", hint });
    equal(error.message, `submit has no option ${wrong}. Did you mean ${meant}?`);
    equal(error.summary, `submit has no option ${wrong}.`);
  }
  const options = /** @type {any} */ ({ serverUrl: server.url, colour: 1 });
  await rejects(api.submit(shownText(), options), { hint: { option: "colour", advice: "remove_option" } });
  equal(await server.requests(), []);
});

scenario("an option of another call is refused, and nothing is sent", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { url: serverUrl } = server;
  const flow = await api.Workflow.load(shownText(), { serverUrl });
  const run = await api.submit(shownText(), { serverUrl, wait: true });
  const [text] = await run.fetchFiles();
  const before = (await server.requests()).length;
  const picture = new Blob(["x"]);
  /** @type {[string, (options: any) => unknown][]} the option, and a call that does not know it */
  const calls = [
    ["pattern", (options) => api.submit(shownText(), { serverUrl, ...options })],
    ["workflow", (options) => api.submit(shownText(), { serverUrl, ...options })],
    ["kinds", (options) => flow.submit(options)],
    ["originalRef", (options) => flow.upload(picture, { name: "a.png", ...options })],
    ["serverUrl", (options) => run.wait(options)],
    ["onEvent", (options) => run.events(options)],
    ["kinds", (options) => run.fetchImages(options)],
    ["onProgress", (options) => run.fetchFiles(options)],
    ["kinds", (options) => text.bytes(options)],
    ["wait", (options) => api.Submission.fromPromptId("x", { serverUrl, ...options })],
    ["originalRef", (options) => api.uploadImage(picture, { serverUrl, name: "a.png", ...options })],
    ["node", (options) => api.uploadMask(picture, { serverUrl, name: "a.png", originalRef: { filename: "b" }, ...options })],
    ["idleTimeoutMs", (options) => api.progressPrinter(options)],
    ["clientId", (options) => api.Workflow.load(shownText(), options)],
    ["allowUnknown", (options) => api.ObjectInfo.fetch(serverUrl, options)],
    ["serverUrl", (options) => api.convert({ nodes: [] }, {}, options)],
  ];
  for (const [option, call] of calls) {
    const error = await rejects(() => call({ [option]: 1 }), { code: "bad_input" });
    match(error.message, new RegExp(` has no option ${option}\\.`));
  }
  equal((await server.requests()).length, before);
});

scenario("options that are no object are refused", async (api, sim) => {
  const server = await sim.start({ lab: true });
  for (const options of [server.url, 7, [], () => {}]) {
    const error = await rejects(api.submit(shownText(), /** @type {any} */ (options)), { code: "bad_input" });
    match(error.message, /options of submit must be an object, such as \{ serverUrl \}/);
  }
  const run = await api.submit(shownText(), { serverUrl: server.url, wait: true });
  const [text] = await run.fetchFiles();
  /** @type {[string, (options: any) => unknown][]} */
  const calls = [
    ["format", (options) => api.progressPrinter(options)],
    ["onEvent", (options) => run.wait(options)],
    ["signal", (options) => run.events(options)],
    ["kinds", (options) => run.fetchFiles(options)],
    ["signal", (options) => run.fetchImages(options)],
    ["signal", (options) => text.bytes(options)],
    ["signal", (options) => api.ObjectInfo.fetch(server.url, options)],
    ["allowUnknown", (options) => api.convert({ nodes: [] }, {}, options)],
    ["serverUrl", (options) => api.Workflow.load("{}", options)],
  ];
  for (const [fitting, call] of calls) {
    const { message } = await rejects(() => call("bar"), { code: "bad_input" });
    match(message, new RegExp(`must be an object, such as \\{ ${fitting} \\}\\.$`));
  }
});

scenario("prompts that are none are refused, and the message says what is wanted", async (api, sim) => {
  const server = await sim.start({ lab: true });
  /** @type {any} */
  const cycle = shownText();
  cycle["1"].inputs.self = cycle;
  /** @type {[any, RegExp][]} */
  const wrong = [
    [undefined, /got undefined/],
    [null, /got null/],
    [7, /single value/],
    [() => {}, /API form/],
    [[], /list/],
    ["", /not JSON/],
    ["{", /not JSON/],
    ["[1]", /list/],
    [{}, /no nodes/],
    [{ 1: {} }, /entry "1" has no class_type/],
    [{ 1: null }, /entry "1"/],
    [{ nodes: [], links: [] }, /Workflow\.load/],
    [JSON.stringify({ nodes: [], links: [] }), /Workflow\.load/],
    [cycle, /cycle/],
    [{ 1: { class_type: "A", inputs: { seed: 2n ** 60n } } }, /BigInt.*kept exactly in a JSON text/],
  ];
  for (const [prompt, message] of wrong) {
    const error = await rejects(api.submit(prompt, { serverUrl: server.url }), { code: "bad_input" });
    match(error.message, message);
  }
  equal(await server.requests(), []);
});

scenario("a prompt is taken as an object, as JSON text and as an ApiFlow, and sent as it is", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const seed = "18446744073709551615";
  const text = JSON.stringify(counting({ seed: 12345 })).replace("12345", seed);
  const flow = await api.Workflow.load(shownText());
  for (const prompt of [text, shownText(), flow]) await api.submit(prompt, { serverUrl: server.url });
  const [first, second, third] = await requestsTo(server, "POST /prompt");
  ok(first.text.includes(seed), "an integer past 2^53 keeps its digits in JSON text");
  equal([second.body.prompt, third.body.prompt], [shownText(), shownText()]);
});

scenario("a prompt and its options are what they were at the call, in every form of it", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const prompt = /** @type {any} */ (shownText("before"));
  const flow = await api.Workflow.load(shownText("before"));
  const options = { serverUrl: server.url, extraData: { note: "before" }, headers: { "Content-Language": "de" } };
  const calls = [];
  for (const wait of [false, true]) {
    calls.push(api.submit(prompt, { ...options, wait }), flow.submit({ ...options, wait }));
  }
  const shared = { ...options, clientId: "before" };
  calls.push(api.submit(prompt, shared));
  for (const node of [prompt["1"], /** @type {any} */ (flow.prompt)["1"]]) node.inputs.text = "after";
  options.extraData.note = "after";
  options.headers["Content-Language"] = "en";
  shared.clientId = "after";
  await Promise.all(calls);
  const sent = await requestsTo(server, "POST /prompt");
  equal(sent.length, 5);
  for (const { body } of sent) {
    ok(!JSON.stringify(body).includes("after"), JSON.stringify(body).slice(0, 300));
    equal(body.extra_data.note, "before");
  }
  equal(sent.filter(({ body }) => body.client_id === "before").length, 1);
});

scenario("a workflow, a prompt and bytes count as they are at the call that loads or uploads them", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const nodes = /** @type {any} */ (shownText("before"));
  const workflow = { nodes: [{ id: 1, type: "EmptyLatentImage", widgets_values: [64, 64, 1] }], links: [] };
  const bytes = new Uint8Array([1, 2, 3]);
  const calls = [api.Workflow.load(nodes), comfy.load(nodes)];
  const converted = [api.Workflow.load(workflow, { serverUrl: server.url }), comfy.load(workflow)];
  const uploads = [comfy.upload(bytes, { name: "a.bin" }), api.uploadImage(bytes.buffer, { serverUrl: server.url, name: "b.bin" })];
  nodes[1].inputs.text = "after";
  workflow.nodes[0].widgets_values[0] = 128;
  bytes.fill(9);
  for (const call of calls) equal((await call).prompt[1].inputs.text, "before");
  for (const call of converted) equal((await call).prompt[1].inputs.width, 64);
  for (const { name } of await Promise.all(uploads)) {
    equal([...(await comfy.file({ filename: name, type: "input" }).bytes())], [1, 2, 3]);
  }
});

scenario("what the options say of the prompt goes into the request", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const promptId = crypto.randomUUID();
  await api.submit(shownText(), {
    serverUrl: `${server.url}/`,
    clientId: "me",
    promptId,
    front: true,
    partialExecutionTargets: ["1"],
    previews: false,
    apiKey: "key",
    headers: new Headers({ "Content-Language": "en" }),
    extraData: { extra_pnginfo: { workflow: { nodes: [] } } },
  });
  const [{ body, headers }] = await requestsTo(server, "POST /prompt");
  equal(body, {
    prompt: shownText(),
    client_id: "me",
    prompt_id: promptId,
    front: true,
    partial_execution_targets: ["1"],
    extra_data: {
      api_key_comfy_org: "key",
      preview_method: "none",
      extra_pnginfo: { workflow: { nodes: [] } },
    },
  });
  equal([headers["content-type"], headers["content-language"]], ["application/json", "en"]);
});

scenario("the base path of the server's address is kept, for requests and for the socket", async (api, sim) => {
  const server = await sim.start({ lab: true, basePath: "/comfy/8" });
  match(server.url, /\/comfy\/8$/);
  const run = await api.submit(shownText(), { serverUrl: `${server.url}/`, wait: true });
  equal(run.outputs, { 1: { text: ["hello"] } });
  const asked = (await server.requests()).filter(({ method }) => method !== "OPTIONS");
  const paths = asked.map(({ url }) => url.split("?")[0]);
  equal(paths, ["/comfy/8/ws", "/comfy/8/prompt"]);
});

scenario("wait, events and fromPromptId check their options too", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const run = await api.submit(shownText(), { serverUrl: server.url });
  const before = (await server.requests()).length;
  for (const name of ["idleTimeoutMs", "pollIntervalMs", "waitTimeoutMs", "pollQueue", "signal"]) {
    const options = /** @type {any} */ ({ [name]: "soon" });
    match((await rejects(run.wait(options), { code: "bad_input" })).message, new RegExp(name));
    match((await rejects(() => run.events(options), { code: "bad_input" })).message, new RegExp(name));
  }
  for (const promptId of [undefined, 7, ""]) {
    const pickUp = () => api.Submission.fromPromptId(/** @type {any} */ (promptId), { serverUrl: server.url });
    match((await rejects(pickUp, { code: "bad_input" })).message, /id of the prompt/);
  }
  const pickUp = () => api.Submission.fromPromptId("x", /** @type {any} */ ({ serverUrl: server.url, clientId: 7 }));
  match((await rejects(pickUp, { code: "bad_input" })).message, /clientId/);
  await rejects(() => api.Submission.fromPromptId("x", {}), { code: "no_server" });
  equal((await server.requests()).length, before);
});

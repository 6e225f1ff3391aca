// @ts-check
// Mistakes of the caller: an error that says what to do, and nothing is sent.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { shownText, textToImage } from "./prompts.mjs";

/** @type {[string, unknown, Record<string, unknown>, string, RegExp][]} */
const MISTAKES = [
  ["no server URL", textToImage(), { serverUrl: undefined }, "no_server", /Pass serverUrl/],
  ["a prompt that is not an object", 7, {}, "bad_input", /prompt/],
  ["a workflow in editor form", { nodes: [], links: [] }, {}, "bad_input", /convert|Workflow\.load/],
  ["an option of the wrong type", textToImage(), { waitTimeoutMs: "soon" }, "bad_input", /waitTimeoutMs/],
];

for (const [what, prompt, options, code, advice] of MISTAKES) {
  scenario(`${what} is refused with advice, and nothing is sent`, async (api, sim) => {
    const server = await sim.start();
    const call = () => api.submit(/** @type {any} */ (prompt), /** @type {any} */ ({ serverUrl: server.url, ...options }));
    const error = await rejects(call, { code });
    ok(error instanceof api.ComfyError, `${error} is no ComfyError`);
    match(error.message, advice);
    equal(await server.requests(), []);
  });
}

scenario("onEvent without wait is a TypeError, and nothing is sent", async (api, sim) => {
  const server = await sim.start();
  const options = /** @type {any} */ ({ serverUrl: server.url, onEvent: () => {} });
  const error = await rejects(() => api.submit(textToImage(), options));
  ok(error instanceof TypeError, `${error} is no TypeError`);
  match(error.message, /wait/);
  equal(await server.requests(), []);
});

scenario("a dead server is a network error that names it", async (api, sim) => {
  const server = await sim.start();
  await server.close();
  const error = await rejects(() => api.submit(textToImage(), { serverUrl: server.url }), { code: "network" });
  match(error.message, new RegExp(server.url));
});

scenario("a promise in place of what it resolves to is refused: its await was forgotten", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const { url: serverUrl } = server;
  const promise = Promise.resolve({});
  /** @type {[() => unknown, RegExp][]} */
  const calls = [
    [() => api.submit(/** @type {any} */ (api.Workflow.load(shownText())), { serverUrl }), /^submit wants a prompt/],
    [() => api.Workflow.load(/** @type {any} */ (promise)), /^Workflow\.load reads/],
    [() => api.ObjectInfo.from(/** @type {any} */ (promise)), /^The object info must be/],
    [() => api.convert(/** @type {any} */ (promise), {}), /^convert wants a workflow/],
    [() => api.convert({ nodes: [] }, /** @type {any} */ (Promise.resolve(api.ObjectInfo.from({})))), /^The object info must be/],
    [() => api.Workflow.load({ nodes: [] }, { objectInfo: promise }), /^The object info must be/],
    [() => api.uploadImage(/** @type {any} */ (promise), { serverUrl, name: "a.png" }), /^The file of uploadImage/],
  ];
  for (const [call, wanted] of calls) {
    const { message } = await rejects(call, { code: "bad_input", name: "ComfyError" });
    match(message, wanted);
    match(message, / is a promise; put `await` before it\.$/);
  }
});

scenario("an object info that is none is refused, and the message does not speak of a workflow", async (api) => {
  /** @type {[any, RegExp][]} */
  const wrong = [
    [new Uint8Array(3), /class Uint8Array/],
    [new ArrayBuffer(3), /class ArrayBuffer/],
    [new Blob(["{}"]), /class Blob/],
    [new Response("{}"), /class Response/],
    [new Map(), /class Map/],
    ["x", /^The object info is not what GET \/object_info answers: /],
    ["[]", /^The object info is not what GET \/object_info answers: /],
    [7, /^The object info must be what GET \/object_info answers/],
  ];
  for (const [given, said] of wrong) {
    const { message } = await rejects(() => api.ObjectInfo.from(given), { code: "bad_input" });
    match(message, said);
    ok(!/workflow/.test(message), message);
  }
});

scenario("what is neither workflow nor prompt is named, and files of the disk are where they are read", async (api) => {
  /** @type {[any, RegExp][]} */
  const wrong = [
    [{ a: 1, b: 2 }, /, but an object with the keys "a", "b"\.$/],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, /keys "a", "b", "c", "d", "e", …\.$/],
    [{}, /, but an object without keys\.$/],
    ["[]", /, but a list\.$/],
    ["./workflow.json", /neither JSON nor a URL: "\.\/workflow\.json" .*loadFile of comfyui-autoflow\/node\.$/],
    ['{"nodes": [', /neither JSON nor a URL: .*\)\.$/],
    [{ nodes: [2n] }, /BigInt.*JSON text/],
  ];
  for (const [source, said] of wrong) {
    match((await rejects(() => api.Workflow.load(source), { code: "bad_input" })).message, said);
  }
  for (const source of ["file:///nowhere/workflow.json", new URL("file:///nowhere/workflow.json")]) {
    const { message } = await rejects(api.Workflow.load(source), { code: "network" });
    match(message, /^Could not fetch file:\/\/\/nowhere\/workflow\.json\. .*loadFile of comfyui-autoflow\/node\.$/);
  }
});

scenario("node types that are not known are told with the option that goes on without them", async (api) => {
  const outputs = [{ name: "IMAGE", type: "IMAGE", links: null }];
  const node = (/** @type {number} */ id, /** @type {string} */ type, /** @type {any} */ properties = {}) => ({ id, type, outputs, properties });
  const failure = async (/** @type {any[]} */ ...nodes) => {
    const hint = { option: "allowUnknown", advice: "allow_unknown" };
    return rejects(() => api.convert({ nodes, links: [] }, {}), { code: "conversion", hint });
  };
  const error = await failure(node(1, "Nowhere", { cnr_id: "some-pack" }), node(2, "Nowhere"), node(3, "Odd", { aux_id: "owner/repo" }));
  match(error.message, /Nowhere \(node 1, 2, of some-pack\).*Install the custom nodes/);
  equal(error.unknownTypes, [
    { type: "Nowhere", pack: "some-pack", nodes: ["1", "2"] },
    { type: "Odd", pack: "owner/repo", nodes: ["3"] },
  ]);
  const subgraph = await failure(node(1, "0a1b2c3d-0000-4000-8000-0123456789ab"));
  ok(!/[Ii]nstall/.test(subgraph.message) && /save it again/.test(subgraph.message), subgraph.message);
  match((await failure(node(1, "OfTomorrow", { cnr_id: "comfy-core" }))).message, /need a newer ComfyUI/);
  const many = await failure(...Array.from({ length: 30 }, (_, at) => node(at, `Type${at}`)));
  ok(many.unknownTypes.length === 30 && many.message.length < 400, many.message);
});

scenario("find says which names there are, and takes an id as a number", async (api) => {
  const flow = await api.Workflow.load(shownText());
  equal(flow.find({ id: 1 }), flow.find({ id: "1" }));
  equal(flow.find({ id: 1 }).length, 1);
  /** @type {[any, RegExp][]} */
  const wrong = [
    [{ class_type: "LabText" }, /It knows no class_type\. Did you mean classType\?$/],
    [{ name: "x" }, /It knows no name\.$/],
    [{ classType: 5 }, /Its classType must be a string\.$/],
    [{ title: {} }, /Its title must be a string\.$/],
    [{ id: {} }, /Its id must be a string\.$/],
    [undefined, /^find wants an object/],
    ["1", /^find wants an object/],
  ];
  for (const [query, said] of wrong) match((await rejects(() => flow.find(query), { code: "bad_input" })).message, said);
});

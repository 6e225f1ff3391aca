// @ts-check
// What a server that refuses, or is none, means for a caller: a code for programs, and a message that says what to do.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting, shownText, textToImage } from "./prompts.mjs";
import { IN_A_PAGE, recorder, requestsTo } from "./runs.mjs";

scenario("a prompt that the server finds wrong is invalid_prompt, told node by node", async (api, sim) => {
  const server = await sim.start();
  const prompt = textToImage();
  prompt["9"].inputs = { filename_prefix: "x" };
  const error = await rejects(() => api.submit(prompt, { serverUrl: server.url }), {
    code: "invalid_prompt",
    status: 400,
    name: "ComfyError",
  });
  equal(Object.keys(error.nodeErrors), ["9"]);
  equal(error.nodeErrors["9"].class_type, "SaveImage");
  const message = "Prompt outputs failed validation\n  node 9 (SaveImage): Required input is missing: images";
  equal(error.message, `ComfyUI refused the prompt: ${message}`);
});

scenario("a node that the server does not have is invalid_prompt and named", async (api, sim) => {
  for (const version of ["old", "new"]) {
    const server = await sim.start({ version });
    const prompt = { ...textToImage(), 10: { class_type: "NoSuchNode", inputs: {} } };
    const error = await rejects(() => api.submit(prompt, { serverUrl: server.url }), { code: "invalid_prompt" });
    match(error.message, /NoSuchNode|'10'/);
  }
});

scenario("a prompt with an output that cannot run is taken, and the submission tells which", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const prompt = { ...counting(), 9: { class_type: "PreviewImage", inputs: {} } };
  const heard = recorder();
  const run = await api.submit(prompt, { serverUrl: server.url, wait: true, onEvent: heard });
  equal(Object.keys(run.nodeErrors), ["9"]);
  equal(run.nodeErrors["9"].errors[0].type, "required_input_missing");
  equal(heard.end().type, "completed");
});

scenario("a wait for a server that is not there fails at once, and leaves no one to call", async (api, sim) => {
  const server = await sim.start();
  await server.close();
  const heard = recorder();
  const call = api.submit(textToImage(), { serverUrl: server.url, wait: true, onEvent: heard });
  const error = await rejects(call, { code: "network" });
  match(error.message, /^Could not reach ComfyUI at http:.* Is it running/);
  ok(error.cause !== undefined, "the cause is kept");
  equal(heard.events, []);
});

scenario("a server that refuses the caller's origin is forbidden_origin, with the switch that lets it in", async (api, sim) => {
  const server = await sim.start({ cors: false });
  // A page sends its origin by itself.
  const headers = IN_A_PAGE ? undefined : { Origin: "http://somewhere.example" };
  for (const wait of [false, true]) {
    const call = api.submit(textToImage(), { serverUrl: server.url, wait, headers });
    const error = await rejects(call, { code: "forbidden_origin" });
    match(error.message, /refuses .*\(403\).*--enable-cors-header/);
    if (!IN_A_PAGE) equal(error.status, 403);
  }
  equal((await requestsTo(server, "POST /prompt")).filter(({ status }) => status === 200), []);
});

/** @type {[string, Record<string, unknown>, string, RegExp, string?][]} the last is the advice of the hint */
const ANSWERS = [
  ["401", { status: 401, body: "" }, "unauthorized", /headers: \{ Authorization \}/, "pass_login"],
  ["404", { status: 404, body: "" }, "http", /\(404\)/, "check_address"],
  ["405", { status: 405, body: "405: Method Not Allowed" }, "http", /\(405\)/, "check_address"],
  ["413", { status: 413, body: "too large" }, "http", /^The prompt .* \(413\)/, "raise_upload_size"],
  ["429", { status: 429, body: { code: "LIMIT", message: "Slow down" } }, "http", /status 429: Slow down$/],
  ["500", { status: 500, body: "500 Internal Server Error\n\nServer got itself in trouble" }, "http", /status 500: 500 Int/],
  ["a 403 that says why", { status: 403, body: "blocked by policy" }, "http", /status 403: blocked by policy$/],
  ["a 200 that is no JSON", { status: 200, body: "hello" }, "http", /does not answer like ComfyUI: hello$/],
  ["a 200 without an id", { status: 200, body: {} }, "http", /does not answer like ComfyUI/],
  ["an empty 502", { status: 502, body: "" }, "http", /status 502: an empty answer$/],
];

for (const [what, how, code, message, advice] of ANSWERS) {
  scenario(`${what} in answer to the prompt is ${code}, in words`, async (api, sim) => {
    // Answers that pass by the server's CORS headers are another matter: see below.
    const headers = { "Access-Control-Allow-Origin": "*" };
    const server = await sim.start({ faults: { failRequests: { route: "POST /prompt", how: { ...how, headers } } } });
    const error = await rejects(() => api.submit(textToImage(), { serverUrl: server.url }), { code, status: how.status });
    match(error.message, message);
    equal(error.hint?.advice, advice);
  });
}

scenario("the page of a proxy whose server is down is told in one line of words, without tags", async (api, sim) => {
  const body = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>nginx</h1></center></body>\n</html>";
  const headers = { "Content-Type": "text/html", "Access-Control-Allow-Origin": "*" };
  const how = { status: 502, headers, body };
  const server = await sim.start({ faults: { failRequests: { route: "POST /prompt", how } } });
  const error = await rejects(() => api.submit(textToImage(), { serverUrl: server.url }), { code: "http", status: 502 });
  match(error.message, /answered with status 502: 502 Bad Gateway nginx$/);
});

scenario("an answer that the browser keeps from the page is not taken for a refused origin", async (api, sim) => {
  const server = await sim.start({ maxUploadSize: 100 });
  const error = await rejects(() => api.submit(textToImage(), { serverUrl: server.url }), { code: "http" });
  match(error.message, /413/);
});

scenario("the answer may be lost: a prompt that the server has taken all the same is followed", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const lost = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => Promise.resolve(new Response("<h1>504 Gateway Time-out</h1>", { status: 504 })),
  ];
  for (const [at, answer] of lost.entries()) {
    /** @type {typeof fetch} */
    const losing = async (url, init) => {
      const response = await fetch(url, init);
      return init?.method === "POST" ? answer() : response;
    };
    const heard = recorder();
    const options = { serverUrl: server.url, fetch: losing, onEvent: heard, wait: true };
    const run = await api.submit(shownText(String(at)), options);
    equal(heard.end().type, "completed");
    equal(run.outputs, { 1: { text: [String(at)] } });
  }
  equal((await requestsTo(server, "POST /prompt")).length, 2, "nothing is sent twice");
});

scenario("keys, tokens and logins appear in no error, event, URL or submission", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const login = server.url.replace("://", "://user:s3cret@");
  const secrets = { apiKey: "s3cret-key", headers: { Authorization: "Bearer s3cret" } };
  const heard = recorder();
  const run = await api.submit(shownText(), { serverUrl: login, wait: true, onEvent: heard, apiKey: "s3cret-key" });
  const said = [JSON.stringify(heard.events), JSON.stringify(run), Object(run).serverUrl, run.clientId];
  const [{ body }] = await requestsTo(server, "POST /prompt");
  equal(body.extra_data.api_key_comfy_org, "s3cret-key", "the key goes where the server looks for it");
  said.push(...(await server.requests()).map(({ url }) => url));

  /** @type {import("comfyui-autoflow").SubmitOptions[]} */
  const failures = [
    { serverUrl: login.replace("http:", "ftp:") },
    { serverUrl: `${login} /` },
    { serverUrl: server.url, headers: { Authorization: "Bearer s3cret\n2" } },
    { serverUrl: server.url, headers: { "X Key": "s3cret" } },
    { serverUrl: login, promptId: "not a uuid" },
  ];
  for (const options of failures) said.push(...texts(await rejects(() => api.submit(shownText(), options))));
  await server.close();
  said.push(...texts(await rejects(() => api.submit(shownText(), { serverUrl: login, ...secrets }))));
  const leak = said.find((text) => text?.includes("s3cret"));
  ok(leak === undefined, `it appears in ${leak}`);
});

/** All that an error shows. @param {any} error @returns {string[]} */
function texts(error) {
  return [error.message, error.stack, JSON.stringify(error), ...(error.cause ? texts(Object(error.cause)) : [])];
}

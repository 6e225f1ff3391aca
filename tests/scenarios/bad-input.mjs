// @ts-check
// Mistakes of the caller: an error that says what to do, and nothing is sent.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";

/** @type {[string, unknown, Record<string, unknown>, string, RegExp][]} */
const MISTAKES = [
  ["no server URL", textToImage(), { serverUrl: undefined }, "no_server", /serverUrl/],
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

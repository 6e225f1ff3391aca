// @ts-check
// Servers behind a login (basic authentication): it goes along with every request, and into the socket where the runtime's
// WebSocket can send it. A browser's cannot.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";
import { IN_A_PAGE, SOON, recorder, requestsTo } from "./runs.mjs";

const AUTH = { user: "user", password: "s3cret p@ss" };

const withLogin = (/** @type {string} */ url, password = AUTH.password) => url.replace("://", `://user:${encodeURIComponent(password)}@`);

scenario("a server behind a login is used with the login in its URL, socket or not", async (api, sim) => {
  const server = await sim.start({ auth: AUTH, cors: true });
  const heard = recorder();
  const options = { serverUrl: withLogin(server.url), wait: true, onEvent: heard, ...(IN_A_PAGE ? SOON : {}) };
  const run = await api.submit(textToImage({ seed: 71 }), options);
  equal(heard.end().type, "completed");
  const [first] = heard.of("connection").map(({ data }) => data);
  if (IN_A_PAGE) {
    equal(first.state, "polling");
    match(first.reason, /WebSocket cannot send the login/);
    equal(heard.end().detected_by, "history");
    equal((await requestsTo(server, "GET /ws")).length, 1, "a socket that cannot open is not tried again");
  } else {
    equal(first, { state: "open", reason: "the socket is open", attempt: 0 });
    equal(heard.end().detected_by, undefined);
  }
  const [image] = await run.fetchImages();
  equal([...(await image.bytes()).subarray(1, 4)], [0x50, 0x4e, 0x47]);
  const said = [JSON.stringify([heard.events, run, image]), ...(await server.requests()).map(({ url }) => url)];
  ok(!said.some((text) => /s3cret|user:/.test(text)), "the login is in no event, file or URL");
});

scenario("a wrong login is refused with advice, and not repeated", async (api, sim) => {
  const server = await sim.start({ auth: AUTH, cors: true });
  const wrong = withLogin(server.url, "guessed");
  const error = await rejects(() => api.submit(textToImage(), { serverUrl: wrong, wait: true }), { code: "unauthorized" });
  match(error.message, /login/);
  ok(!JSON.stringify([error.message, error.stack]).includes("guessed"), "the login is told");
});

scenario("a socket that needs no login opens with one in the URL all the same", async (api, sim) => {
  const server = await sim.start({ cors: true });
  const heard = recorder();
  await api.submit(textToImage({ seed: 72 }), { serverUrl: withLogin(server.url), wait: true, onEvent: heard });
  equal(heard.end().detected_by, undefined);
  equal(heard.of("connection").map(({ data }) => data.state), ["open"]);
});

scenario("a file that Comfy Cloud keeps on another host is fetched without the key, or refused with advice", async (api, sim) => {
  const server = await sim.start({ cloud: { accounts: { "comfyui-s3cret": {} } }, cors: true });
  const options = { serverUrl: server.url, dialect: /** @type {const} */ ("cloud"), apiKey: "comfyui-s3cret", wait: true };
  const run = await api.submit(textToImage({ seed: 73 }), options);
  const [image] = await run.fetchImages();
  const asked = () => requestsTo(server, "GET signed file");
  if (IN_A_PAGE) {
    const error = await rejects(() => image.bytes(), { code: "http" });
    match(error.message, /another host.*Fetch it in Node, or let a server of yours/s);
    equal((await asked()).length, 0, "the key is kept from the other host");
  } else {
    equal([...(await image.bytes()).subarray(1, 4)], [0x50, 0x4e, 0x47]);
    equal((await asked()).map(({ headers }) => headers["x-api-key"]), [undefined]);
  }
});

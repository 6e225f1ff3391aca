// @ts-check
// Two servers of different origins: the first answers every request with a redirect to the second. Own headers, logins,
// keys, tokens and what is sent never reach the second.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import * as api from "comfyui-autoflow/node";
import { rejects } from "../scenarios/harness.mjs";
import { shownText } from "../scenarios/prompts.mjs";

const SECRET = "s3cret";
const ID = "4f1c2d3e-5a6b-4c7d-8e9f-0a1b2c3d4e5f";

/** What the second server saw: method, path, headers and body in one text. @type {string[]} */
let seen = [];
/** What the first server answers, and where it leads. @type {{ status: number, to: string, only?: RegExp }} */
let redirect = { status: 307, to: "" };
/** @type {http.Server} */
let first;
/** @type {http.Server} */
let second;

/** @param {http.RequestListener} listener */
async function serve(listener) {
  const server = http.createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
const url = (/** @type {http.Server} */ server) => `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;

before(async () => {
  second = await serve(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push([request.method, request.url, JSON.stringify(request.rawHeaders), Buffer.concat(chunks).toString("latin1")].join(" "));
    response.end(JSON.stringify({ [ID]: { outputs: { 1: { images: [{ filename: "a.png" }] } }, status: {} }, name: "a.png" }));
  });
  first = await serve((request, response) => {
    request.resume();
    const path = String(request.url);
    if (redirect.only && !redirect.only.test(path)) {
      const outputs = { 1: { images: [{ filename: "a.png", subfolder: "", type: "output" }] } };
      return response.end(JSON.stringify({ [ID]: { outputs, status: { completed: true, status_str: "success" } } }));
    }
    response.writeHead(redirect.status, { Location: redirect.to + path }).end();
  });
});
after(() => [first, second].forEach((server) => server.close()));
beforeEach(() => {
  seen = [];
  redirect = { status: 307, to: url(second) };
});

const own = () => ({ serverUrl: url(first), headers: { Authorization: SECRET, "X-Own": SECRET }, apiKey: SECRET });
const run = (/** @type {object} */ more) => api.Submission.fromPromptId(ID, { ...own(), ...more });
const picture = () => new Blob([SECRET]);

/** Every kind of request. @type {[string, (dialect: any) => Promise<unknown>][]} */
const CALLS = [
  ["a submission", (dialect) => api.submit(shownText(SECRET), { ...own(), dialect })],
  ["a history", (dialect) => run({ dialect }).fetchHistory()],
  ["files", (dialect) => run({ dialect }).fetchFiles()],
  ["a cancellation", (dialect) => run({ dialect }).cancel()],
  ["an object info", (dialect) => api.ObjectInfo.fetch(url(first), { headers: own().headers, apiKey: SECRET, dialect })],
  ["a load", (dialect) => api.Workflow.load({ nodes: [], links: [] }, { ...own(), dialect })],
  ["an upload", (dialect) => api.uploadImage(picture(), { ...own(), dialect, name: "a.png" })],
];

for (const dialect of ["local", "cloud", "v2"]) {
  describe(`redirects of every request, ${dialect}`, () => {
    for (const [what, call] of CALLS) {
      for (const status of [301, 302, 303, 307, 308]) {
        test(`${what} (${status}) brings nothing to another origin, and says where it leads`, async () => {
          redirect.status = status;
          const error = await rejects(call(dialect), { code: "http", hint: { option: "serverUrl", advice: "check_address" } });
          assert.match(error.message, new RegExp(`redirects to ${url(second)} \\(${status}\\)`));
          assert.deepEqual(seen, []);
        });
      }
    }

    test("a file is fetched from another origin, without headers, key and token", async () => {
      redirect.only = /view|content/;
      const [file] = await run({ dialect, serverUrl: `${url(first)}/?token=${SECRET}` })
        .fetchFiles()
        .catch(() => []);
      if (!file) return;
      redirect.to = `${url(second)}/store?`;
      await file.bytes();
      assert.equal(seen.length, 1);
      assert.ok(!seen[0].replace(/token=s3cret/, "").includes(SECRET), seen[0]);
    });
  });
}

test("a question without headers, key and body follows to another origin", async () => {
  await api.Submission.fromPromptId(ID, { serverUrl: url(first) }).fetchHistory();
  assert.equal(seen.length, 1);
  assert.match(seen[0], new RegExp(`^GET /history/${ID} `));
});

test("within an origin everything goes along", async () => {
  const own = await serve((request, response) => {
    if (request.url === "/prompt") return response.writeHead(308, { Location: "/comfy/prompt" }).end();
    seen.push(`${request.method} ${request.url} ${request.headers["x-own"]}`);
    request.resume();
    response.end(JSON.stringify({ prompt_id: ID, number: 1, node_errors: {} }));
  });
  try {
    await api.submit(shownText(), { serverUrl: url(own), headers: { "X-Own": "1" } });
    assert.deepEqual(seen, ["POST /comfy/prompt 1"]);
  } finally {
    own.close();
  }
});

test("only addresses of the web are followed", async () => {
  const told = await serve((_, response) => response.writeHead(302, { Location: "file:///etc/hostname" }).end());
  try {
    const call = api.Submission.fromPromptId(ID, { serverUrl: url(told), headers: { "X-Own": "1" } }).fetchHistory();
    await rejects(call, { code: "http", message: /neither http nor https/ });
  } finally {
    told.close();
  }
});

test("a circle of redirects ends", async () => {
  const round = await serve((request, response) => response.writeHead(302, { Location: request.url ?? "/" }).end());
  try {
    const call = api.Submission.fromPromptId(ID, { serverUrl: url(round), headers: { "X-Own": "1" } }).fetchHistory();
    await rejects(call, { code: "network", message: /redirects without end/ });
  } finally {
    round.close();
  }
});

test("a query in the server URL goes with every request and is printed nowhere", async () => {
  /** @type {string[]} */
  const asked = [];
  const tokens = await serve((request, response) => {
    asked.push(String(request.url));
    request.resume();
    if (request.url?.startsWith("/comfy/prompt")) return response.end(JSON.stringify({ prompt_id: ID, number: 1, node_errors: {} }));
    const outputs = { 1: { images: [{ filename: "a.png", subfolder: "", type: "output" }] } };
    response.end(JSON.stringify({ [ID]: { outputs, status: { completed: true, status_str: "success" } } }));
  });
  try {
    const serverUrl = `${url(tokens)}/comfy?token=${SECRET}`;
    const run = await api.submit(shownText(), { serverUrl });
    const [file] = await run.fetchFiles();
    await file.bytes();
    assert.equal(asked.length, 3);
    for (const path of asked) assert.match(path, /^\/comfy\/.*[?&]token=s3cret$/);
    const refused = await rejects(api.submit({ 1: { class_type: "A", inputs: {} } }, { serverUrl: serverUrl.replace("/comfy", "/none") , fetch: async () => new Response("", { status: 404 }) }));
    assert.ok(!JSON.stringify([run, file, run.serverUrl, refused, refused.stack]).includes(SECRET));
  } finally {
    tokens.close();
  }
});

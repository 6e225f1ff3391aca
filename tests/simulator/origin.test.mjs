// The origin check of a local server: 403 and an empty body for pages of another origin, sockets included.
import assert from "node:assert/strict";
import { request } from "node:http";
import { Client, simTest } from "./client.mjs";

/** A request with an arbitrary Origin, which fetch cannot send. */
function ask(sim, { method = "GET", path = "/queue", headers = {} }) {
  return new Promise((resolve, reject) => {
    const outgoing = request(sim.url + path, { method, headers }, (response) => {
      let body = "";
      response.on("data", (part) => (body += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

simTest("a page of another origin is turned away: reading, writing, preflight, socket", {}, async (sim) => {
  const headers = { Origin: "http://localhost:3000" };
  for (const method of ["GET", "POST", "OPTIONS"]) {
    const { status, body } = await ask(sim, { method, headers });
    assert.deepEqual([status, body], [403, ""], method);
  }
  await assert.rejects(new Client(sim).connect({ headers }), { status: 403 });
  const extension = { Origin: "chrome-extension://abcdefghijklmnop" };
  assert.equal((await ask(sim, { headers: extension })).status, 403);
});

simTest("the server's own pages, and programs without an origin, may call", {}, async (sim) => {
  const own = { Origin: sim.url };
  assert.equal((await ask(sim, { headers: own })).status, 200);
  await new Client(sim).connect({ headers: own });
  assert.equal((await ask(sim, {})).status, 200);
  await new Client(sim).connect();
  assert.equal((await ask(sim, { method: "OPTIONS" })).status, 200);
});

simTest("a name that is not loopback is not checked", {}, async (sim) => {
  const headers = { Host: `192.168.1.5:${sim.port}`, Origin: "http://elsewhere.example" };
  assert.equal((await ask(sim, { headers })).status, 200);
});

simTest("where the origin has no port only the names are compared", {}, async (sim) => {
  assert.equal((await ask(sim, { headers: { Origin: "http://127.0.0.1" } })).status, 200);
  assert.equal((await ask(sim, { headers: { Origin: "http://localhost" } })).status, 403);
});

const CROSS = { "Sec-Fetch-Site": "cross-site" };

simTest("a new server looks at Sec-Fetch-Site as well", {}, async (sim) => {
  assert.equal((await ask(sim, { headers: CROSS })).status, 403);
  assert.equal((await ask(sim, { headers: { "Sec-Fetch-Site": "none" } })).status, 200);
});

simTest("an old server does not", { version: "old" }, async (sim) => {
  assert.equal((await ask(sim, { headers: CROSS })).status, 200);
});

simTest(
  "--enable-cors-header allows every origin, but raised answers lack the headers",
  { cors: true, maxUploadSize: 0 },
  async (sim) => {
    const headers = { Origin: "http://localhost:3000", ...CROSS };
    const preflight = await ask(sim, { method: "OPTIONS", headers });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers["access-control-allow-headers"], "Content-Type, Authorization");
    assert.equal((await ask(sim, { headers })).headers["access-control-allow-origin"], "*");
    const missing = await ask(sim, { path: "/view?filename=x", headers });
    assert.deepEqual([missing.status, missing.headers["access-control-allow-origin"]], [404, "*"]);
    await new Client(sim).connect({ headers });
    const wrong = await ask(sim, { method: "POST", path: "/nope", headers });
    assert.deepEqual([wrong.status, wrong.headers["access-control-allow-origin"]], [405, undefined]);
    const big = await fetch(`${sim.url}/prompt`, { method: "POST", body: "{}" });
    assert.deepEqual([big.status, big.headers.get("access-control-allow-origin")], [413, null]);
    const broken = await fetch(`${sim.url}/prompt`, { method: "POST" });
    assert.deepEqual([broken.status, broken.headers.get("access-control-allow-origin")], [500, null]);
  },
);

// Logins and Comfy Cloud.
import assert from "node:assert/strict";
import { decodePng } from "../../pkg-template/testing/index.js";
import { Client, connect, progressPrompt, simTest } from "./client.mjs";

const KEY = { "X-API-Key": "test-key" };

function post(sim, path, body, headers = KEY) {
  return fetch(sim.url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

const get = async (sim, path, headers = KEY) => fetch(sim.url + path, { headers, redirect: "manual" });

/** A socket of an account. */
const socket = (sim, key = "test-key") => connect(sim, undefined, { query: `&token=${key}` });

async function submit(sim, prompt = progressPrompt(), more = {}, headers = KEY) {
  const answer = await post(sim, "/api/prompt", { prompt, client_id: "me", ...more }, headers);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).prompt_id;
}

simTest("basic authentication is required for every request", { auth: { user: "ada", password: "x:y" } }, async (sim) => {
  const none = await fetch(`${sim.url}/queue`);
  assert.deepEqual([none.status, none.headers.get("www-authenticate")], [401, 'Basic realm="ComfyUI"']);
  await assert.rejects(connect(sim), { status: 401 });
  const headers = { Authorization: `Basic ${btoa("ada:x:y")}` };
  assert.equal((await fetch(`${sim.url}/queue`, { headers })).status, 200);
  await new Client(sim).connect({ headers });
  const wrong = { Authorization: `Basic ${btoa("ada:z")}` };
  assert.equal((await fetch(`${sim.url}/queue`, { headers: wrong })).status, 401);
});

simTest(
  "a token may come in a header or, for sockets of pages, in the address",
  { auth: { token: "t" } },
  async (sim) => {
    assert.equal((await fetch(`${sim.url}/queue`)).status, 401);
    assert.equal((await fetch(`${sim.url}/queue`, { headers: { Authorization: "Bearer t" } })).status, 200);
    await connect(sim, undefined, { query: "&token=t" });
  },
);

simTest("any header can be asked for", { auth: { header: "X-Pass", value: "1" } }, async (sim) => {
  assert.equal((await fetch(`${sim.url}/queue`, { headers: { "X-Pass": "2" } })).status, 401);
  assert.equal((await fetch(`${sim.url}/queue`, { headers: { "X-Pass": "1" } })).status, 200);
});

simTest(
  "the cloud requires a key, on sockets a token, and answers errors as code and message",
  { cloud: true },
  async (sim) => {
    const none = await get(sim, "/api/queue", {});
    assert.equal(none.status, 401);
    assert.deepEqual(Object.keys(await none.json()), ["code", "message"]);
    await assert.rejects(connect(sim), { status: 401 });
    await assert.rejects(socket(sim, "wrong"), { status: 401 });
    await socket(sim);
    assert.equal((await get(sim, "/queue")).status, 404, "everything is under /api");
    assert.equal((await get(sim, "/api/history")).status, 404);
    assert.equal((await get(sim, "/api/history/x")).status, 404);
    const preflight = await fetch(`${sim.url}/api/prompt`, { method: "OPTIONS" });
    assert.match(preflight.headers.get("access-control-allow-headers"), /X-API-Key/);
  },
);

simTest("every socket of an account hears all its prompts, and none of another's", { cloud: true }, async (sim) => {
  const [one, two, other] = [await socket(sim), await socket(sim), await socket(sim, "other-key")];
  const id = await submit(sim);
  await Promise.all([one.end(id), two.end(id)]);
  assert.deepEqual([...new Set(other.types())], ["status"]);
  const notification = one.frames.find((frame) => frame?.type === "notification");
  assert.equal(typeof notification.data.value, "string");
  const preview = one.frames.find((frame) => Buffer.isBuffer(frame));
  assert.equal(preview.readUInt32BE(0), 4, "previews always say whose they are");
});

simTest("several prompts run at once and their frames interleave", { cloud: true }, async (sim) => {
  const client = await socket(sim);
  const ids = [await submit(sim, progressPrompt(30)), await submit(sim, progressPrompt(30, { seed: 2 }))];
  await Promise.all(ids.map((id) => client.end(id)));
  const order = client.frames.filter((frame) => frame?.type === "progress").map((frame) => frame.data.prompt_id);
  const changes = order.filter((id, index) => index > 0 && id !== order[index - 1]).length;
  assert.ok(changes > 5, `${changes} changes`);
});

simTest("a job's state, its details, its history", { cloud: true }, async (sim) => {
  const client = await socket(sim);
  const id = await submit(sim, progressPrompt(100_000));
  await client.frame("progress");
  const state = async (headers) => (await get(sim, `/api/job/${id}/status`, headers)).json();
  assert.equal((await state()).status, "in_progress");
  assert.equal((await get(sim, `/api/history_v2/${id}`)).status, 404, "not before its end");
  assert.equal((await get(sim, `/api/job/${id}/status`, { "X-API-Key": "other-key" })).status, 404);
  await post(sim, "/api/interrupt", {});
  await client.end(id);
  assert.equal((await state()).status, "cancelled");

  const good = await submit(sim);
  await client.end(good);
  const details = await (await get(sim, `/api/jobs/${good}`)).json();
  assert.deepEqual([details.status, Object.keys(details.outputs)], ["completed", ["3"]]);
  const item = (await (await get(sim, `/api/history_v2/${good}`)).json())[good];
  assert.equal(item.prompt.prompt_id, good);
  assert.deepEqual(item.prompt.outputs_to_execute, ["3"]);
  assert.equal(item.status.status_str, "success");

  sim.faults.failNode({ classType: "LabProgress" });
  const bad = await submit(sim, progressPrompt(2, { seed: 9 }));
  await client.end(bad);
  const failed = await (await get(sim, `/api/job/${bad}/status`)).json();
  assert.deepEqual([failed.status, failed.error_message], ["error", "failed on request\n"]);
  assert.equal((await (await get(sim, `/api/jobs/${bad}`)).json()).status, "failed");
});

simTest("number and front are ignored, and so are folder and overwriting", { cloud: true }, async (sim) => {
  const answer = await post(sim, "/api/prompt", { prompt: progressPrompt(), number: 7, front: true });
  assert.equal((await answer.json()).number, 0);
  const form = new FormData();
  form.set("image", new Blob(["x"]), "cat.png");
  form.set("subfolder", "pets");
  const kept = await (await fetch(`${sim.url}/api/upload/image`, { method: "POST", headers: KEY, body: form })).json();
  assert.match(kept.name, /^[0-9a-f]{64}\.png$/);
  assert.equal(kept.subfolder, "");
});

simTest(
  "a file is behind a signed URL of another origin, which refuses requests with a key",
  { cloud: true },
  async (sim) => {
    const client = await socket(sim);
    const id = await submit(sim);
    await client.end(id);
    const { outputs } = (await (await get(sim, `/api/history_v2/${id}`)).json())[id];
    const answer = await get(sim, `/api/view?${new URLSearchParams(outputs[3].images[0])}`);
    const location = answer.headers.get("location");
    assert.equal(answer.status, 302);
    assert.notEqual(new URL(location).origin, new URL(sim.url).origin);
    assert.equal((await fetch(location, { headers: KEY })).status, 400);
    assert.equal((await fetch(location.replace(/Signature=\w/, "Signature=_"))).status, 403);
    const file = await fetch(location);
    assert.equal(decodePng(Buffer.from(await file.arrayBuffer())).width, 8);
    const seen = sim.requests.filter((request) => request.route === "GET signed file");
    assert.deepEqual(
      seen.map((request) => request.status),
      [400, 403, 200],
    );
  },
);

const POOR = { cloud: { accounts: { "test-key": { credits: 1 }, idle: { subscribed: false } } } };

simTest("without credits 402, without a subscription 429", POOR, async (sim) => {
  await submit(sim);
  const broke = await post(sim, "/api/prompt", { prompt: progressPrompt() });
  assert.deepEqual([broke.status, (await broke.json()).code], [402, "insufficient_credits"]);
  const idle = await post(sim, "/api/prompt", { prompt: progressPrompt() }, { "X-API-Key": "idle" });
  assert.equal(idle.status, 429);
});

simTest(
  "a waiting prompt can be cancelled, one of another account cannot",
  { cloud: true, held: true },
  async (sim) => {
    const id = await submit(sim);
    const cancel = async (headers) => (await post(sim, `/api/jobs/${id}/cancel`, {}, headers)).json();
    assert.deepEqual(await cancel({ "X-API-Key": "other-key" }), { cancelled: false });
    assert.deepEqual(await cancel(), { cancelled: true });
    assert.deepEqual((await (await get(sim, "/api/queue")).json()).queue_pending, []);
  },
);

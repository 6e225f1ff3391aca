// Each fault.
import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { test } from "node:test";
import { startSimulator } from "../../pkg-template/testing/index.js";
import { Client, connect, progressPrompt, simTest } from "./client.mjs";

const isEnd = (frame) => frame?.type === "executing" && frame.data?.node === null;
const about = (client, id) => client.frames.filter((frame) => frame?.data?.prompt_id === id);
/** Frames of a prompt, previews included, which `at` counts. */
const own = (client) => client.types().filter((type) => type !== "status");

async function finished(sim, client, prompt = progressPrompt()) {
  const done = sim.waitFor("prompt_done");
  const { prompt_id: id } = await client.submit(prompt);
  await done;
  return id;
}

simTest("dropSocket cuts the connection instead of frame k", {}, async (sim) => {
  const client = await connect(sim);
  const fault = sim.faults.dropSocket({ at: 5 });
  await finished(sim, client);
  assert.equal(await client.gone, 1006);
  assert.deepEqual(own(client), ["execution_start", "execution_cached", "progress_state", "executing"]);
  assert.deepEqual([fault.hits, fault.active], [1, false]);
});

simTest("dropSocket can say goodbye, at a type of frame, more than once", {}, async (sim) => {
  sim.faults.dropSocket({ at: "executed", how: "close", code: 1012, times: 2 });
  for (const seed of [1, 2]) {
    const client = await connect(sim, "me");
    await finished(sim, client, progressPrompt(2, { seed }));
    assert.equal(await client.gone, 1012);
    assert.equal(own(client).includes("executed"), false);
  }
  const client = await connect(sim, "me");
  const { prompt_id: id } = await client.submit(progressPrompt(2, { seed: 3 }));
  await client.end(id);
});

simTest("dropSocket without a frame applies at once, and only to the named client", {}, async (sim) => {
  const [one, other] = [await connect(sim, "one"), await connect(sim, "other")];
  sim.faults.dropSocket({ clientId: "one" });
  assert.equal(await one.gone, 1006);
  assert.equal(other.ws.readyState, other.ws.OPEN);
});

simTest("muteSocket leaves the socket open without frames; the run goes on", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.muteSocket({ at: 3 });
  const id = await finished(sim, client);
  assert.deepEqual(own(client), ["execution_start", "execution_cached"]);
  assert.equal(client.ws.readyState, client.ws.OPEN);
  assert.equal((await client.get(`/history/${id}`))[id].status.status_str, "success");
  // A reopened socket is muted too, unless the option says otherwise.
  const again = await connect(sim, "another");
  await finished(sim, again, progressPrompt(2));
  assert.deepEqual(again.frames, []);
  sim.faults.clear("muteSocket");
  await again.end(await finished(sim, again, progressPrompt(4)));
});

simTest("muteSocket strikes at once without a frame, and can spare sockets opened later", {}, async (sim) => {
  const client = await connect(sim, "me");
  await client.frame("status");
  sim.faults.muteSocket({ reopened: "live" });
  await finished(sim, client);
  assert.deepEqual(client.types(), ["status"]);
  client.close();
  await client.gone;
  const again = await connect(sim, "me");
  await again.end(await finished(sim, again, progressPrompt(2)));
});

simTest("freezeSocket stops a socket as if a cable was pulled: a close frame is not answered", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.freezeSocket({ at: "executing" });
  await finished(sim, client);
  assert.equal(own(client).includes("executing"), false);
  client.close();
  await client.get("/queue");
  assert.equal(client.closed, null);
  sim.faults.clear("freezeSocket");
  assert.equal(await client.gone, 1005);
});

simTest("hang: no answer to a handshake or a request, until the server stops", {}, async (sim) => {
  sim.faults.refuseSockets({ how: "hang", times: 1 });
  sim.faults.failRequests({ how: "hang" });
  let settled = 0;
  const count = () => (settled += 1);
  const handshake = connect(sim).then(count, count);
  const request = fetch(`${sim.url}/queue`).then(count, count);
  await Promise.all([sim.waitFor("request", "GET /ws"), sim.faults.happened("failRequests")]);
  assert.equal(settled, 0);
  await sim.stop();
  await Promise.all([handshake, request]);
});

simTest("loseFrames and repeatFrames", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.loseFrames({ at: "executed" });
  sim.faults.repeatFrames({ at: "execution_start", times: 1 });
  await client.end(await finished(sim, client));
  assert.equal(own(client).includes("executed"), false);
  assert.deepEqual(own(client).slice(0, 3), ["execution_start", "execution_start", "execution_cached"]);
});

simTest("refuseSockets turns handshakes away, then lets them in", {}, async (sim) => {
  sim.faults.refuseSockets({ times: 1 });
  await assert.rejects(connect(sim), { status: 503 });
  sim.faults.refuseSockets({ times: 1, how: 404 });
  await assert.rejects(connect(sim), { status: 404 });
  sim.faults.refuseSockets({ times: 1, how: "reset" });
  await assert.rejects(connect(sim), { code: "ECONNRESET" });
  await connect(sim);
});

simTest("joinHandshake sends the first frame in one packet with the handshake", {}, async (sim) => {
  sim.faults.joinHandshake();
  const socket = connectTcp(sim.port, sim.host);
  const key = Buffer.alloc(16).toString("base64");
  const upgrade = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`GET /ws?clientId=x HTTP/1.1\r\nHost: ${sim.host}:${sim.port}\r\n${upgrade.join("\r\n")}\r\n\r\n`);
  const first = await new Promise((resolve) => socket.once("data", resolve));
  assert.match(String(first), /^HTTP\/1.1 101[^]*"type": "status"/);
  socket.destroy();
});

simTest("delayFrames brings them late and in order", {}, async (sim) => {
  const client = await connect(sim);
  const fault = sim.faults.delayFrames({ ms: 700 });
  const id = await finished(sim, client);
  assert.deepEqual(own(client), [], "all still under way when the prompt is done");
  await client.end(id);
  assert.ok(fault.hits > 10);
  const indexes = about(client, id)
    .filter((frame) => frame.type === "progress")
    .map((frame) => frame.data.value);
  assert.deepEqual(indexes, [1, 2, 3]);
});

simTest("splitFrames sends each message in pieces, packFrames two objects in one", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.splitFrames({ pieces: 5 });
  await client.end(await finished(sim, client));
  assert.ok(client.types().includes("binary 1"));
  sim.faults.clear("splitFrames");
  sim.faults.packFrames({ separator: "\n" });
  const from = client.raw.length;
  await finished(sim, client, progressPrompt(2));
  await client.until(() => client.raw.slice(from).some((raw) => /"node": null/.test(raw)));
  const packed = client.raw.slice(from).filter((raw) => typeof raw === "string" && raw.includes("\n"));
  assert.ok(packed.length > 3);
  for (const text of packed) assert.equal(text.split("\n").map((part) => JSON.parse(part)).length, 2);
});

simTest("garbageFrames stand between the others", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.garbageFrames();
  await client.end(await finished(sim, client, progressPrompt(8)));
  assert.ok(client.frames.includes("not json"));
  assert.ok(client.raw.some((raw) => Buffer.isBuffer(raw) && raw.length === 0));
  sim.faults.clear();
  sim.faults.garbageFrames({ every: 2, garbage: ["?"] });
  const from = client.raw.length;
  await client.end(await finished(sim, client, progressPrompt(2)));
  assert.ok(client.raw.slice(from).includes("?"));
});

simTest("foreignFrames inserts frames of other prompts, terminal ones included", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.foreignFrames();
  const id = await finished(sim, client, progressPrompt(8));
  await client.end(id);
  const foreign = client.frames.filter((frame) => frame?.data?.prompt_id && frame.data.prompt_id !== id);
  const types = new Set(foreign.map((frame) => frame.type));
  for (const type of ["execution_error", "execution_interrupted", "execution_success", "executing"]) {
    assert.ok(types.has(type), type);
  }
  assert.ok(foreign.some(isEnd));
});

simTest("failRequests: a status, a proxy's page, a reset, a cut body, no JSON, a custom answer", {}, async (sim) => {
  const route = "GET /history/{prompt_id}";
  const ask = () => fetch(`${sim.url}/history/x`);
  sim.faults.failRequests({ route });
  assert.equal((await ask()).status, 500);
  assert.equal((await ask()).status, 200);
  sim.faults.failRequests({ route, how: 503, times: 2 });
  assert.deepEqual([(await ask()).status, (await ask()).status, (await ask()).status], [503, 503, 200]);
  sim.faults.failRequests({ route, how: "html" });
  const page = await ask();
  assert.deepEqual([page.status, page.headers.get("content-type")], [502, "text/html"]);
  sim.faults.failRequests({ route, how: "reset" });
  await assert.rejects(ask(), { message: "fetch failed" });
  sim.faults.failRequests({ route, how: "cut" });
  await assert.rejects(async () => (await ask()).text());
  sim.faults.failRequests({ route, how: "garbage" });
  await assert.rejects(async () => (await ask()).json(), SyntaxError);
  sim.faults.failRequests({ route, how: { status: 429, headers: { "Retry-After": "1" }, body: { code: "slow" } } });
  const own = await ask();
  assert.deepEqual([own.status, own.headers.get("retry-after"), await own.json()], [429, "1", { code: "slow" }]);
  sim.faults.failRequests({ route });
  assert.equal((await fetch(`${sim.url}/queue`)).status, 200, "another route is spared");
});

simTest("delayAnswer holds back the answer while the run goes on", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.delayAnswer({ route: "POST /prompt", until: "end" });
  await client.submit(progressPrompt());
  assert.ok(client.frames.some(isEnd), "everything was heard before the answer came");

  const held = sim.faults.delayAnswer({ route: "GET /queue" });
  let answered = false;
  const answer = client.get("/queue").then(() => (answered = true));
  await held.happened;
  await client.get("/prompt");
  assert.equal(answered, false);
  held.release();
  assert.equal(await answer, true);
});

simTest("holdRun stops a run after a frame until it is released", {}, async (sim) => {
  const client = await connect(sim);
  const held = sim.faults.holdRun({ at: (frame) => frame.type === "progress" && frame.data.value === 2 });
  const { prompt_id: id } = await client.submit(progressPrompt(5));
  await held.happened;
  await client.get("/queue");
  const values = () => client.frames.filter((frame) => frame?.type === "progress").map((frame) => frame.data.value);
  assert.deepEqual(values(), [1, 2]);
  held.release();
  await client.end(id);
  assert.deepEqual(values(), [1, 2, 3, 4, 5]);
  sim.faults.holdRun({ at: "execution_success", until: "status" });
  await client.end((await client.submit(progressPrompt(5))).prompt_id);
});

simTest("delayQueueLeave keeps a prompt in the queue after execution_success", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.delayQueueLeave();
  const { prompt_id: id } = await client.submit(progressPrompt());
  await client.frame("execution_success");
  assert.deepEqual(await client.get(`/history/${id}`), {});
  assert.equal((await client.get("/queue")).queue_running.length, 1);
  sim.faults.release("delayQueueLeave");
  await client.end(id);
  assert.equal((await client.get("/queue")).queue_running.length, 0);
});

simTest("failNode raises in a node, by id or class, at once or at a step", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.failNode({ node: 1, atStep: 2, message: "out of luck", type: "torch.OutOfMemoryError", times: 1 });
  const first = await client.submit(progressPrompt());
  const { data } = await client.frame("execution_error");
  assert.deepEqual(
    [data.node_id, data.node_type, data.exception_message, data.exception_type],
    ["1", "LabProgress", "out of luck\n", "torch.OutOfMemoryError"],
  );
  await client.end(first.prompt_id);
  assert.equal(client.frames.filter((frame) => frame?.type === "progress").length, 1);
  sim.faults.failNode({ classType: "SaveImage" });
  const second = await client.submit(progressPrompt());
  await client.end(second.prompt_id);
  const { status } = (await client.get(`/history/${second.prompt_id}`))[second.prompt_id];
  assert.equal(status.messages.at(-1)[1].node_id, "3");
});

simTest("failNode can block instead: an execution_error that is not the end", {}, async (sim) => {
  const client = await connect(sim);
  sim.faults.failNode({ classType: "LabProgress", blocked: true, message: "not today" });
  const { prompt_id: id } = await client.submit(progressPrompt());
  await client.end(id);
  const types = client.types();
  assert.ok(types.indexOf("execution_error") < types.indexOf("execution_success"));
  const { data } = client.frames.find((frame) => frame?.type === "execution_error");
  const told = [data.exception_type, data.exception_message, data.node_id];
  assert.deepEqual(told, ["ExecutionBlocked", "Execution Blocked: not today", "3"], "the node that would have used it");
  assert.deepEqual((await client.get(`/history/${id}`))[id].outputs, {});
});

simTest("a vanished prompt is in neither queue nor history, and no frame is sent", {}, async (sim) => {
  const client = await connect(sim);
  const { prompt_id: running } = await client.submit(progressPrompt(100_000));
  const { prompt_id: waiting } = await client.submit(progressPrompt(2));
  await client.frame("progress");
  sim.vanish(running);
  await client.end(waiting);
  assert.deepEqual(await client.get(`/history/${running}`), {});
  assert.ok(!about(client, running).some((frame) => /success|error|interrupted/.test(frame.type) || isEnd(frame)));
  sim.vanish();
  assert.deepEqual(await client.get("/history"), {});
});

simTest("a restart drops sockets, queue, history and kept results, on the same port", {}, async (sim) => {
  const client = await connect(sim);
  await client.end(await finished(sim, client));
  await client.submit(progressPrompt(100_000));
  const { url } = sim;
  await sim.restart();
  assert.equal(await client.gone, 1006);
  assert.equal(sim.url, url);
  assert.deepEqual([await client.get("/history"), (await client.get("/queue")).queue_running], [{}, []]);
  assert.deepEqual(sim.files.list("output"), ["lab_00001_.png"], "files outlive it");
  const again = await connect(sim, client.clientId);
  const id = await finished(sim, again);
  await again.end(id);
  assert.deepEqual((await again.frame("execution_cached")).data.nodes, []);
  assert.equal((await again.get(`/history/${id}`))[id].prompt[0], 0, "numbers begin anew");
});

simTest("a stopped simulator does not answer", {}, async (sim) => {
  await sim.stop();
  await assert.rejects(fetch(sim.url));
  await sim.start();
  assert.equal((await fetch(`${sim.url}/queue`)).status, 200);
});

simTest("a held queue runs nothing, and waiting prompts can be put in another order", {}, async (sim) => {
  const client = await connect(sim);
  sim.pause();
  const ids = [];
  for (const steps of [1, 2, 3]) ids.push((await client.submit(progressPrompt(steps))).prompt_id);
  sim.reorder([ids[2], ids[0]]);
  sim.resume();
  await client.end(ids[1]);
  const started = client.frames
    .filter((frame) => frame?.type === "execution_start")
    .map((frame) => frame.data.prompt_id);
  assert.deepEqual(started, [ids[2], ids[0], ids[1]]);
});

simTest("a deafened socket stays open and hears nothing more", {}, async (sim) => {
  const client = await connect(sim);
  await client.frame("status");
  sim.deafen(client.clientId);
  await finished(sim, client);
  assert.deepEqual(client.types(), ["status"]);
});

const AT_START = { failRequests: [{ route: "GET /queue", how: 503 }], refuseSockets: { times: 1 }, splitFrames: true };

simTest("faults can be active from the start", { faults: AT_START }, async (sim) => {
  assert.equal((await fetch(`${sim.url}/queue`)).status, 503);
  await assert.rejects(connect(sim), { status: 503 });
  const client = await connect(sim);
  await client.end(await finished(sim, client));
  assert.ok(sim.faults.hits("splitFrames") > 5);
});

test("an unknown fault is refused", async () => {
  await assert.rejects(startSimulator({ faults: { sing: true } }), /no fault "sing"/);
});

simTest("what was asked can be read as values", {}, async (sim) => {
  const client = new Client(sim);
  await client.submit(progressPrompt());
  await client.get("/api/history/x?max_items=1");
  const [post, get] = JSON.parse(JSON.stringify(sim.requests));
  assert.deepEqual([post.route, post.body.client_id, post.status], ["POST /prompt", client.clientId, 200]);
  assert.deepEqual([get.route, get.path, get.query], ["GET /history/{prompt_id}", "/history/x", { max_items: "1" }]);
  JSON.stringify(sim.frames);
});

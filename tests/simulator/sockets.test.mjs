// Which socket receives which frame, and takeover of a client id.
import assert from "node:assert/strict";
import { Client, connect, progressPrompt, simTest } from "./client.mjs";

const ended = (client) => client.frames.some((frame) => frame?.type === "executing" && frame.data.node === null);

/** Whether a socket receives a broadcast frame. */
async function hears(sim, client) {
  const other = await connect(sim, "asks");
  const before = client.frames.length;
  await other.submit(progressPrompt(1, { seed: Math.floor(Math.random() * 1e9) }));
  await other.frame((frame) => frame?.type === "executing" && frame.data.node === null);
  return client.frames.slice(before).some((frame) => frame?.type === "status");
}

simTest("a socket is greeted with the queue and its id", {}, async (sim) => {
  const client = await connect(sim, "me");
  assert.deepEqual(await client.frame("status"), {
    type: "status",
    data: { status: { exec_info: { queue_remaining: 0 } }, sid: "me" },
  });
  const nameless = await connect(sim, "");
  assert.match((await nameless.frame("status")).data.sid, /^[0-9a-f]{32}$/);
});

simTest("status goes to everyone, the rest to the client that submitted", {}, async (sim) => {
  const [mine, other] = [await connect(sim), await connect(sim)];
  const { prompt_id: id } = await mine.submit(progressPrompt());
  await mine.end(id);
  await other.until(() => other.frames.length >= 4);
  assert.deepEqual([...new Set(other.types())], ["status"]);
});

simTest("text of a node goes to everyone", {}, async (sim) => {
  const [mine, other] = [await connect(sim), await connect(sim)];
  const prompt = {
    ...progressPrompt(1),
    2: { class_type: "LabProgressText", inputs: { image: ["1", 0], text: "half ä" } },
    4: { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  };
  await mine.submit(prompt);
  const frame = await other.frame((one) => Buffer.isBuffer(one));
  assert.deepEqual([frame.readUInt32BE(0), frame.readUInt32BE(4), frame.toString("utf8", 8)], [3, 1, "2half ä"]);
});

simTest("without a client id progress goes to everyone and the end to no one", {}, async (sim) => {
  const client = await connect(sim);
  const done = sim.waitFor("prompt_done");
  await client.post("/prompt", { prompt: progressPrompt() });
  await done;
  await client.until(() => client.frames.filter((frame) => frame?.type === "status").length === 4);
  const types = new Set(client.types());
  assert.deepEqual([...types].sort(), ["binary 1", "progress", "progress_state", "status"]);
});

simTest("only the first message is read for feature flags", {}, async (sim) => {
  const flags = JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } });
  const late = await connect(sim);
  late.ws.send('{"type": "hello"}');
  late.ws.send(flags);
  const early = await connect(sim, undefined, { featureFlags: { supports_preview_metadata: true } });
  const answer = await early.frame("feature_flags");
  assert.equal(answer.data.supports_preview_metadata, true);
  const { prompt_id: first } = await early.submit(progressPrompt());
  const { prompt_id: second } = await late.submit(progressPrompt(4));
  await Promise.all([early.end(first), late.end(second)]);
  assert.ok(!late.types().includes("feature_flags"));
  assert.deepEqual(
    early.types().filter((type) => type.startsWith("binary")),
    Array(3).fill("binary 4"),
  );
  assert.deepEqual(
    late.types().filter((type) => type.startsWith("binary")),
    Array(4).fill("binary 1"),
  );
});

simTest("feature flags are forgotten with the socket", {}, async (sim) => {
  const first = await connect(sim, "me", { featureFlags: { supports_preview_metadata: true } });
  await first.frame("feature_flags");
  const closed = sim.waitFor("socket_closed", "me");
  first.close();
  await closed;
  const second = await connect(sim, "me");
  await second.end((await second.submit(progressPrompt())).prompt_id);
  assert.ok(second.types().includes("binary 1"));
});

simTest("previews are sent only when the server or the prompt wants them", { previews: false }, async (sim) => {
  const client = await connect(sim);
  const kinds = async (extra_data) => {
    const from = client.frames.length;
    await client.end((await client.submit(progressPrompt(2, { seed: from }), { extra_data })).prompt_id);
    return client.types().slice(from).includes("binary 1");
  };
  assert.equal(await kinds({}), false);
  assert.equal(await kinds({ preview_method: "auto" }), true);
  sim.previews = true;
  assert.equal(await kinds({ preview_method: "none" }), false);
});

simTest("a client that reconnects during its run is sent the running node, without a prompt id", {}, async (sim) => {
  const first = await connect(sim, "me");
  const { prompt_id: id } = await first.submit(progressPrompt(100_000));
  await first.frame("progress");
  const closed = sim.waitFor("socket_closed");
  first.close();
  await closed;
  const second = await connect(sim, "me");
  assert.deepEqual(await second.frame("executing"), { type: "executing", data: { node: "1" } });
  await second.post("/interrupt", { prompt_id: id });
  await second.end(id);
});

simTest("a stranger's socket hears nothing of a prompt submitted under another id", {}, async (sim) => {
  const first = await connect(sim, "old");
  const { prompt_id: id } = await first.submit(progressPrompt(100_000));
  const stranger = await connect(sim, "new");
  await stranger.post("/interrupt", { prompt_id: id });
  await first.end(id);
  assert.deepEqual([...new Set(stranger.types())], ["status"]);
});

simTest("a second socket takes over: the first stays open and hears nothing more", {}, async (sim) => {
  const first = await connect(sim, "me");
  const second = await connect(sim, "me");
  const { prompt_id: id } = await second.submit(progressPrompt());
  await second.end(id);
  assert.equal(ended(first), false);
  assert.equal(first.ws.readyState, first.ws.OPEN);
});

simTest("closing cleanly and opening again works", {}, async (sim) => {
  const first = await connect(sim, "me");
  first.close();
  await first.gone;
  assert.equal(await hears(sim, await connect(sim, "me")), true);
});

simTest("after a dropped connection the next socket is stale, and the one after it is not", {}, async (sim) => {
  const first = await connect(sim, "me");
  const noticed = sim.waitFor("socket_closed", "me");
  first.ws.terminate();
  await noticed;
  const second = await connect(sim, "me");
  await second.frame("status");
  assert.equal(await hears(sim, second), false);
  assert.equal(second.ws.readyState, second.ws.OPEN);
  second.close();
  await second.gone;
  assert.equal(await hears(sim, await connect(sim, "me")), true);
});

simTest("when the first of two sockets closes, the second is the one that becomes stale", {}, async (sim) => {
  const first = await connect(sim, "me");
  const second = await connect(sim, "me");
  const closed = sim.waitFor("socket_closed", "me");
  first.close();
  await closed;
  assert.equal(await hears(sim, second), false);
});

simTest("deafAfterDrop: false switches that off", { deafAfterDrop: false }, async (sim) => {
  const first = await connect(sim, "me");
  const second = await connect(sim, "me");
  const closed = sim.waitFor("socket_closed", "me");
  first.ws.terminate();
  await closed;
  assert.equal(await hears(sim, second), true);
});

simTest("broadcast lets every client hear every prompt", { broadcast: true }, async (sim) => {
  const [mine, other] = [await connect(sim), await connect(sim)];
  const { prompt_id: id } = await mine.submit(progressPrompt());
  await Promise.all([mine.end(id), other.end(id)]);
});

simTest("frames are compressed for a client that offers it", {}, async (sim) => {
  const client = await connect(sim, undefined, { compress: true });
  assert.match(client.ws.extensions, /permessage-deflate/);
  await client.end((await client.submit(progressPrompt())).prompt_id);
});

simTest("arbitrary frames can be sent", {}, async (sim) => {
  const client = await connect(sim);
  sim.sendFrame({ type: "custom", data: { a: 1 } });
  assert.deepEqual(await client.frame("custom"), { type: "custom", data: { a: 1 } });
  sim.sendFrame(new Uint8Array([1, 2]), "somebody else");
  sim.sendFrame(new Uint8Array([0, 0, 0, 9]), client.clientId);
  assert.equal((await client.frame((frame) => Buffer.isBuffer(frame))).readUInt32BE(0), 9);
});

simTest("sockets without a simulator left behind", {}, async (sim) => {
  const client = await connect(sim);
  assert.equal(sim.socketCount(), 1);
  await sim.stop();
  assert.equal(await client.gone, 1006);
  await assert.rejects(new Client(sim).connect());
});

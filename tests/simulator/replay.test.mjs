// A replay sends the recorded frames and has the recorded history.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { startSimulator } from "../../pkg-template/testing/index.js";
import { dumps, loads } from "../../pkg-template/testing/python/json.js";
import { connect, simTest } from "./client.mjs";

const TRACES = new URL("../traces/", import.meta.url);
const file = (name) => new URL(name, TRACES);
const recording = (name) =>
  readFileSync(file(name), "utf8")
    .trim()
    .split("\n")
    .map((line) => loads(line));

// The second submission of `queued` came while the first was running.
const NAMES = ["0.3.64", "0.33.0"].flatMap((version) => readdirSync(file(version)).map((one) => `${version}/${one}`));

for (const name of NAMES.filter((one) => !one.includes("queued"))) {
  test(`${name} is played back as it was recorded`, async () => {
    const lines = recording(name);
    const post = lines.find((line) => line.get("req") === "POST /prompt");
    const sim = await startSimulator({ replay: file(name), speed: 1e6 });
    try {
      const client = await connect(sim);
      const answer = await client.post("/prompt", { prompt: {}, client_id: client.clientId });
      assert.equal(answer.status, post.get("status"));
      assert.equal(await answer.text(), dumps(post.get("body")));
      if (answer.status !== 200) return;
      const id = post.get("body").get("prompt_id");
      await client.end(id);
      const recorded = lines.filter((line) => line.get("kind") !== "http").slice(1);
      const texts = recorded.map((line) => (line.has("b64") ? line.get("b64") : dumps(line.get("data"))));
      const heard = client.raw.slice(1).map((raw) => (Buffer.isBuffer(raw) ? raw.toString("base64") : raw));
      assert.deepEqual(
        heard,
        texts.filter((text) => !text.includes("feature_flags")),
      );
      const seen = lines.find((line) => line.get("req")?.startsWith("GET /history")).get("body");
      assert.equal(await (await fetch(`${sim.url}/history/${id}`)).text(), dumps(seen));
    } finally {
      await sim.close();
    }
  });
}

simTest(
  "two recorded submissions run one after the other",
  { replay: file("0.33.0/queued.ndjson"), speed: 1e6 },
  async (sim) => {
    const client = await connect(sim);
    const [first, second] = [await client.submit({}), await client.submit({})];
    assert.notEqual(first.prompt_id, second.prompt_id);
    await client.end(first.prompt_id);
    await client.end(second.prompt_id);
    // After the last submission it starts over, with a new prompt id.
    const third = await client.submit({});
    assert.ok(![first.prompt_id, second.prompt_id].includes(third.prompt_id));
    await client.end(third.prompt_id);
    assert.ok(third.prompt_id in (await client.get(`/history/${third.prompt_id}`)));
  },
);

const RENAMED = { replay: { recording: file("0.33.0/normal_features.ndjson"), rename: true }, speed: 1e6 };

simTest("a recording can take the prompt id that is asked for, previews included", RENAMED, async (sim) => {
  const client = await connect(sim);
  const id = randomUUID();
  assert.equal((await client.submit({}, { prompt_id: id })).prompt_id, id);
  await client.end(id);
  const preview = client.frames.find((frame) => Buffer.isBuffer(frame));
  assert.equal(JSON.parse(preview.subarray(8, 8 + preview.readUInt32BE(4))).prompt_id, id);
  const { outputs } = (await client.get(`/history/${id}`))[id];
  const [picture] = outputs[3].images;
  assert.equal((await fetch(`${sim.url}/view?${new URLSearchParams(picture)}`)).status, 200, "files are stood in for");
});

simTest("the pace is the recorded one", { replay: file("0.3.64/silent.ndjson"), speed: 100 }, async (sim) => {
  const client = await connect(sim);
  const { prompt_id: id } = await client.submit({});
  await client.frame((frame) => frame?.type === "executing" && frame.data.node === "2");
  assert.equal((await client.get("/queue")).queue_running[0][1], id);
  await client.end(id);
});

simTest(
  "a run that was not interrupted when recorded can be",
  { replay: file("0.3.64/silent.ndjson") },
  async (sim) => {
    const client = await connect(sim);
    const { prompt_id: id } = await client.submit({});
    await client.frame((frame) => frame?.type === "executing" && frame.data.node === "2");
    await client.post("/interrupt", { prompt_id: id });
    await client.end(id);
    assert.equal((await client.frame("execution_interrupted")).data.node_type, "LabSilent");
    assert.equal((await client.get(`/history/${id}`))[id].status.status_str, "error");
  },
);

test("lines may be given as objects; a recording without a submission is refused", async () => {
  const line = { t: 0, kind: "http", req: "POST /prompt", status: 400, body: { error: { type: "x" } }, prompt: {} };
  const sim = await startSimulator({ replay: [line] });
  const answer = await fetch(`${sim.url}/prompt`, { method: "POST", body: "{}" });
  assert.deepEqual([answer.status, await answer.json()], [400, line.body]);
  await sim.close();
  await assert.rejects(startSimulator({ replay: [] }), /no POST \/prompt/);
});

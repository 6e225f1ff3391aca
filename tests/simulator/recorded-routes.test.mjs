// Compares further routes with a recording: the same requests in the same state get the same answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, simTest } from "./client.mjs";

const LINES = readFileSync(new URL("recordings/routes-0.33.0.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

/** Answers that depend on the machine: only their structure is compared. */
const OF_THE_MACHINE = [
  "GET /system_stats",
  "GET /extensions",
  "GET /internal/logs",
  "GET /internal/logs/raw",
  "GET /experiment/models",
];
const LONGEST_LIST = 6;

/** Replaces what differs between runs. Prompt ids are numbered. */
function comparable(value, ids) {
  const text = JSON.stringify(value, (key, member) => {
    if (key === "create_time" || key === "timestamp") return "time";
    if (typeof member === "string") return member.replace(/_\d{5}_\./, "_N_.");
    return member;
  });
  return JSON.parse(
    text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (!ids.includes(id)) ids.push(id);
      return `prompt ${ids.indexOf(id)}`;
    }),
  );
}

/** The structure of a value: member names and types; of a list, that of its first entry. */
function structure(value) {
  if (Array.isArray(value)) return value.slice(0, 1).map(structure);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, structure(member)]));
}

function prompt(seed, more = {}) {
  const inputs = { steps: 3, delay_ms: 20, preview: false, size: 16, seed, ...more };
  return {
    1: { class_type: "LabProgress", inputs },
    2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "routes" } },
  };
}

/** The state of the recorded server: three prompts in history, one running, one pending. */
async function recordedState(sim) {
  const client = await connect(sim, "routes");
  const ids = [];
  const submit = async (body) => ids.push((await client.submit(body)).prompt_id);
  for (const seed of [1, 2, 3]) {
    await submit(prompt(seed));
    await client.end(ids.at(-1));
  }
  const running = client.frames.length;
  await submit(prompt(9, { steps: 400, delay_ms: 50 }));
  await submit(prompt(5));
  await client.frame("executing", running);
  return ids;
}

simTest("every recorded route answers as recorded", { models: { checkpoints: [] } }, async (sim) => {
  const ids = await recordedState(sim);
  // In order of submission.
  const recorded = [
    "31b54eca-83ba-42e8-b5fc-fc6f8d66852d",
    "b17ce570-d724-462d-ab28-85853d58f85e",
    "bacc74a4-0450-4d7a-a0e1-bbb1e37e51db",
    "68cef581-d5ec-4b1a-b4a2-7f1b2c8f5522",
    "839f022d-9813-479f-b8d7-38e3dcbce756",
  ];
  const here = (text) => recorded.reduce((all, id, index) => all.replaceAll(id, ids[index]), text);
  for (const { req, sent, status, type, body } of LINES) {
    const [method, path] = here(req).split(" ");
    const interrupted = req === "POST /interrupt" ? sim.waitFor("prompt_done") : undefined;
    const answer = await fetch(sim.url + path, { method, body: sent && here(JSON.stringify(sent)) });
    const text = await answer.text();
    await interrupted;
    assert.equal(answer.status, status, req);
    if (type) assert.equal(answer.headers.get("content-type"), type, req);
    if (!type?.includes("json")) {
      assert.equal(text, body, req);
      continue;
    }
    const said = JSON.parse(text);
    if (OF_THE_MACHINE.includes(req)) {
      if (Array.isArray(said) && said.length === 0) assert.ok(Array.isArray(body), req);
      else assert.deepEqual(structure(said), structure(body), req);
      continue;
    }
    const cut = Array.isArray(said) ? said.slice(0, LONGEST_LIST) : said;
    assert.deepEqual(comparable(cut, [...ids]), comparable(body, [...recorded]), req);
  }
});

simTest("models: folders, files, embeddings, metadata", {
  models: {
    loras: ["detail.safetensors", { name: "style/ink.safetensors", metadata: { ss_base_model: "sd1" } }],
    embeddings: ["negative.pt"],
    my_folder: ["a.bin"],
  },
}, async (sim) => {
  const client = await connect(sim);
  assert.ok((await client.get("/models")).includes("my_folder"));
  assert.deepEqual(await client.get("/models/loras"), ["detail.safetensors", "style/ink.safetensors"]);
  assert.deepEqual(await client.get("/models/checkpoints"), ["dreamer-v1.safetensors", "landscapes-v2.safetensors"]);
  assert.deepEqual(await client.get("/embeddings"), ["negative"]);
  assert.deepEqual((await client.get("/experiment/models/my_folder"))[0].name, "a.bin");
  const metadata = (name) => fetch(`${sim.url}/view_metadata/loras?filename=${encodeURIComponent(name)}`);
  assert.deepEqual(await (await metadata("style/ink.safetensors")).json(), { ss_base_model: "sd1" });
  assert.equal((await metadata("detail.safetensors")).status, 404);
  assert.equal((await metadata("none.safetensors")).status, 404);
  const [choices] = (await client.get("/object_info/LoraLoader")).LoraLoader.input.required.lora_name;
  assert.deepEqual(choices, ["detail.safetensors", "style/ink.safetensors"]);
});

simTest("jobs can be filtered, sorted and paged", {}, async (sim) => {
  const ids = await recordedState(sim);
  const client = await connect(sim);
  const list = async (query) => (await client.get(`/api/jobs${query}`)).jobs.map(({ id }) => ids.indexOf(id));
  assert.deepEqual(await list(""), [4, 3, 2, 1, 0]);
  assert.deepEqual(await list("?status=completed"), [2, 1, 0]);
  assert.deepEqual(await list("?status=pending,in_progress&sort_order=asc"), [3, 4]);
  assert.deepEqual(await list("?limit=2&offset=1"), [3, 2]);
  for (const wrong of ["status=done", "limit=0", "limit=x", "offset=x", "sort_order=up"]) {
    assert.equal((await fetch(`${sim.url}/api/jobs?${wrong}`)).status, 400, wrong);
  }
});

simTest("freeing memory drops cached results", {}, async (sim) => {
  const client = await connect(sim);
  const cached = async () => {
    const before = client.frames.length;
    await client.end((await client.submit(prompt(1))).prompt_id);
    return (await client.frame("execution_cached", before)).data.nodes;
  };
  await cached();
  assert.deepEqual(await cached(), ["1", "2"]);
  await client.post("/free", { unload_models: true });
  assert.deepEqual(await cached(), ["1", "2"]);
  await client.post("/free", { free_memory: true });
  assert.deepEqual(await cached(), []);
});

// Compares the simulator with recordings of real servers: the same prompts give the same frames with the same fields in
// the same order. Times, minted ids, numbers in file names and the order of Python sets are ignored.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { labNodes, startSimulator } from "../../pkg-template/testing/index.js";
import { dumps, loads } from "../../pkg-template/testing/python/json.js";
import { Client } from "./client.mjs";

const TRACES = new URL("../traces/", import.meta.url);
const VERSIONS = { "0.3.64": "old", "0.33.0": "new" };
// Scenarios whose prompt ran before, so that its results are cached.
const BEFORE = { cached: "cached", partly_cached: "two_outputs", outputs_cached: "outputs_first_run" };
// Faster than the recording, so a request within a run is made while the run is held at that frame.
const SPEED = 100;

function recording(version, scenario) {
  const text = readFileSync(new URL(`${version}/${scenario}.ndjson`, TRACES), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => loads(line));
}

const SETS = ["executed", "current_outputs"];

/** Replaces what differs between runs. */
function normal(value, key = "") {
  if (key === "timestamp" || key === "create_time") return "time";
  if (key === "sid" || key === "client_id") return "client";
  if (key === "traceback") return ["text"];
  if (key === "current_inputs") return [...value].map(([name, list]) => [name, list.length]);
  if (SETS.includes(key) && Array.isArray(value)) return [...value].sort();
  if (Array.isArray(value)) return value.map((member) => normal(member));
  if (value instanceof Map) return new Map([...value].map(([name, member]) => [name, normal(member, name)]));
  if (typeof value === "string") {
    return value.replace(/temp_[a-z]{5}_/, "temp_").replace(/_\d{5}_\./, "_N_.");
  }
  return value;
}

/** Prompt ids become "prompt 1", "prompt 2" in the order in which they appear. */
function comparable(lines) {
  const ids = [];
  return lines.map((line) =>
    dumps(normal(line)).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (!ids.includes(id)) ids.push(id);
      return `prompt ${ids.indexOf(id) + 1}`;
    }),
  );
}

function binary(bytes) {
  const type = bytes.readUInt32BE(0);
  if (type === 1) return ["binary 1", bytes.readUInt32BE(4)];
  const length = bytes.readUInt32BE(4);
  return [`binary ${type}`, loads(bytes.toString("utf8", 8, 8 + length))];
}

/** Repeats the recorder's requests and records the simulator's answers and frames in the same form. */
async function play(version, scenario, sim) {
  const lines = recording(version, scenario);
  const client = new Client(sim);
  await client.connect();
  if (lines.some((line) => line.get("data")?.get?.("type") === "feature_flags")) {
    client.ws.send('{"type": "feature_flags", "data": {"supports_preview_metadata": true}}');
  }
  const said = [];
  const real = [];
  let heard = 0;
  let promptId = null;
  const holds = holdsOf(lines).map((count) => sim.faults.holdRun({ at: after(count) }));
  for (const line of lines) {
    if (line.get("kind") !== "http") {
      const frame = await client.until(() => client.raw[heard]);
      heard += 1;
      const isText = line.get("kind") === "text";
      real.push(isText ? line.get("data") : binary(Buffer.from(line.get("b64"), "base64")));
      said.push(typeof frame === "string" ? loads(frame) : binary(frame));
      continue;
    }
    const [method, path] = line.get("req").split(" ");
    // The history request of the recording is for the prompt that its answer names.
    const seen = line.get("body") instanceof Map ? [...line.get("body").values()][0] : undefined;
    const wanted = path.includes("{")
      ? said.historyIds[real.historyIds.indexOf([...line.get("body").keys()][0])]
      : promptId;
    let body;
    if (path === "/prompt") body = dumps({ prompt: line.get("prompt"), client_id: client.clientId });
    if (path === "/interrupt") body = dumps({ prompt_id: promptId });
    const answer = await fetch(sim.url + path.replace("{prompt_id}", wanted), { method, body });
    const text = await answer.text();
    if (MEANWHILE.includes(line.get("req")) && promptId !== null) holds.shift()?.release();
    const parsed = text ? loads(text) : undefined;
    real.push(["http", line.get("status"), seen === undefined ? null : withoutNumber(line.get("body"))]);
    said.push(["http", answer.status, seen === undefined ? null : withoutNumber(parsed)]);
    if (path === "/prompt" && answer.status === 200) {
      promptId = parsed.get("prompt_id");
      (said.historyIds ??= []).push(promptId);
      (real.historyIds ??= []).push(line.get("body").get("prompt_id"));
    }
  }
  client.close();
  return { said: comparable(said), real: comparable(real), more: client.raw.slice(heard) };
}

const MEANWHILE = ["POST /prompt", "POST /interrupt"];

/** Number of frames before each request that was made within a run. */
function holdsOf(lines) {
  const places = lines.flatMap((line, at) => (MEANWHILE.includes(line.get("req")) ? [at] : [])).slice(1);
  const about = (line) => line.get("kind") !== "http" && line.get("data")?.get("type") !== "status";
  return places.map((at) => lines.slice(0, at).filter(about).length);
}

/** Selects the nth frame. */
function after(count) {
  let seen = 0;
  return () => ++seen >= count;
}

/** Removes prompt numbers, which depend on earlier prompts. */
function withoutNumber(body) {
  if (body?.has?.("number")) return new Map([...body].map(([key, value]) => [key, key === "number" ? "n" : value]));
  for (const item of body?.values?.() ?? []) if (item?.get?.("prompt")) item.get("prompt")[0] = "n";
  return body;
}

/** The order of outputs of a Python set, from the recorded history. */
function recordedOrder(version, scenario) {
  const order = recording(version, scenario)
    .filter((line) => line.get("req")?.startsWith("GET /history"))
    .flatMap((line) => [...line.get("body").values()][0].get("prompt")[4]);
  return (ids) => [...ids].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

// Nodes spend most of the time waiting, so the scenarios run concurrently.
describe("beside the recordings", { concurrency: true }, () => {
  for (const [version, name] of Object.entries(VERSIONS)) {
    for (const file of readdirSync(new URL(version, TRACES))) {
      const scenario = file.replace(".ndjson", "");
      test(`${version} ${scenario}: the simulator sends what the recorded server sent`, async () => {
        const sim = await startSimulator({
          version: name,
          nodes: labNodes,
          speed: SPEED,
          outputOrder: recordedOrder(version, scenario),
        });
        try {
          if (BEFORE[scenario]) {
            const warm = recording(version, BEFORE[scenario])
              .find((line) => line.has("prompt"))
              .get("prompt");
            const done = sim.waitFor("prompt_done");
            await fetch(`${sim.url}/prompt`, { method: "POST", body: dumps({ prompt: warm }) });
            await done;
          }
          const { said, real, more } = await play(version, scenario, sim);
          assert.deepEqual(said, real);
          assert.deepEqual(more, [], "no frame beyond the recording");
        } finally {
          await sim.close();
        }
      });
    }
  }
});

// @ts-check
// Frames of real servers, damaged at random, on a socket that comes and goes: whatever arrives, each run has one end, and
// nothing is thrown. The Rust side has its own fuzzing; here JavaScript reads the same frames as well.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import * as api from "comfyui-autoflow/workflow";
import { checkRun } from "../scenarios/runs.mjs";

const TRACES = new URL("../traces/", import.meta.url);
const RUNS = 600;
const PROMPT = { 1: { class_type: "A", inputs: {} }, 2: { class_type: "B", inputs: { x: ["1", 0] } } };
const JUNK = [
  ..."\"{}[],:\\", "NaN", "-Infinity", "1e999", "-0", "18446744073709551616", "null", '"\\ud800"', "\ud800", "\u0000", "\ufeff",
  '{"a":', '{"__proto__":1}', `${"[".repeat(300)}${"]".repeat(300)}`,
];
const VALUES = ["null", "[]", "{}", "7", '"x"', "[1, 2]", "true", "NaN", "1e400", '"\\ud800"'];
const STATUS = [null, [], "x", { status_str: "success" }, { status_str: "error", messages: [["execution_error", {}], 3] }];

const texts = ["0.3.64", "0.33.0"].flatMap((version) =>
  readdirSync(new URL(version, TRACES)).flatMap((name) =>
    readFileSync(new URL(`${version}/${name}`, TRACES), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === "text")
      .map(({ data }) => JSON.stringify(data)),
  ),
);

/** Chances that a seed decides. @param {number} seed */
function chances(seed) {
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const below = (/** @type {number} */ count) => Math.floor(random() * count);
  return {
    below,
    /** @param {number} part */
    happens: (part) => random() < part,
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => list[below(list.length)],
  };
}

/** @typedef {ReturnType<typeof chances>} Chances */

/** A frame of a recording, as if of this prompt, damaged. @param {Chances} chance @param {string} id */
function damaged({ below, pick }, id) {
  let text = pick(texts).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, id);
  for (let times = below(4); times > 0; times -= 1) {
    const at = below(text.length);
    const ways = [
      () => text.slice(0, at) + pick(JUNK) + text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1 + below(8)),
      () => text.replace(pick(text.match(/"[a-z_]+":[^,}\]]+/g) ?? [" "]), (part) => `${part.split(":")[0]}:${pick(VALUES)}`),
      () => text + text,
    ];
    text = pick(ways)();
  }
  return text;
}

/** @param {Chances} chance */
function damagedBinary({ below, pick }) {
  const bytes = Uint8Array.from({ length: below(60) }, () => pick([0, 0, below(256)]));
  if (bytes.length > 3) bytes[3] = 1 + below(4);
  return bytes.buffer;
}

/** A server that answers anything. @param {Chances} chance @param {string} id @returns {typeof fetch} */
function server({ below, happens, pick }, id) {
  return async (url) => {
    if (String(url).endsWith("/prompt")) return Response.json({ prompt_id: id, number: 1, node_errors: {} });
    const entry = [1, id, PROMPT, {}, []];
    if (String(url).endsWith("/queue")) {
      return Response.json({ queue_running: happens(0.3) ? [entry] : [], queue_pending: [] }, { status: happens(0.1) ? 500 : 200 });
    }
    const item = { prompt: entry, outputs: { 2: { text: [1] } }, status: pick(STATUS) };
    const body = happens(0.5) ? JSON.stringify({ [id]: item }) : "{}";
    return new Response(happens(0.3) ? body.slice(0, below(200)) : body);
  };
}

test(`${RUNS} runs on damaged frames each have one end, and nothing is thrown`, async (t) => {
  /** @type {unknown[]} */
  const thrown = [];
  const note = (/** @type {unknown} */ error) => thrown.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  t.after(() => process.off("uncaughtException", note).off("unhandledRejection", note));
  await Promise.all(Array.from({ length: RUNS }, (_, seed) => play(seed + 1)));
  assert.deepEqual(thrown, []);
});

/** @param {number} seed */
async function play(seed) {
  const chance = chances(seed);
  const promptId = crypto.randomUUID();
  /** @type {any} */
  let socket;
  class Socket {
    constructor() {
      socket = this;
      setImmediate(() => socket.onopen?.({}));
    }
    send() {}
    close() {
      setImmediate(() => socket.onclose?.({}));
    }
  }
  /** @type {any[]} */
  const events = [];
  let over = false;
  const run = api
    .submit(PROMPT, {
      serverUrl: "http://server.example",
      clientId: String(seed),
      promptId,
      fetch: server(chance, promptId),
      webSocket: Socket,
      wait: true,
      idleTimeoutMs: 20,
      pollIntervalMs: 5,
      onEvent: (event) => events.push(structuredClone(event)),
    })
    .catch((error) => assert.ok(error instanceof api.ComfyError, String(error)))
    .finally(() => (over = true));
  for (let count = 0; count < 30 && !over; count += 1) {
    await new Promise(setImmediate);
    socket.onmessage?.({ data: chance.happens(0.15) ? damagedBinary(chance) : damaged(chance, promptId) });
    if (chance.happens(0.05)) socket.onclose?.({});
  }
  await run;
  try {
    checkRun(events);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}`);
  }
}

// @ts-check
// Reads recordings of real servers: one JSON object per line, `{t, kind: "text" | "binary" | "http", …}`, `t` in
// milliseconds. Gives each submission with its frames and its history item.
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { dumps, loads } from "../python/json.js";

const ENDS = ["execution_success", "execution_error", "execution_interrupted"];

/**
 * @typedef {object} RecordedFrame
 * @property {number} wait milliseconds since the previous frame
 * @property {string} type
 * @property {any} [data] of a text frame
 * @property {Buffer} [raw] of a binary frame
 *
 * @typedef {object} Submission
 * @property {number} status of the answer
 * @property {Map<string, any>} body of the answer
 * @property {Map<string, any>} prompt
 * @property {RecordedFrame[]} frames from `execution_start` to the last one before history is written
 * @property {Map<string, any> | undefined} history
 */

/**
 * @param {string | URL | object[]} source file path or URL, text, or lines as objects
 * @returns {Submission[]}
 */
export function readRecording(source) {
  const lines = Array.isArray(source) ? source.map((line) => loads(dumps(line))) : parse(textOf(source));
  /** @type {Submission[]} */
  const submissions = [];
  /** @type {Submission | undefined} */
  let running;
  let before = 0;
  for (const line of lines) {
    const kind = line.get("kind");
    const t = Number(line.get("t") ?? 0);
    if (kind === "http") {
      if (line.get("req") === "POST /prompt") submissions.push(submission(line));
      if (line.get("req")?.startsWith("GET /history/")) addHistory(submissions, line.get("body"));
      continue;
    }
    /** @type {{type: string, data?: any, raw?: Buffer}} */
    const frame =
      kind === "binary" ? binary(line) : { type: line.get("data").get("type"), data: line.get("data").get("data") };
    if (frame.type === "status" || frame.type === "feature_flags") continue;
    const id = frame.data instanceof Map ? frame.data.get("prompt_id") : undefined;
    if (frame.type === "execution_start") {
      running = submissions.find(({ body }) => body.get("prompt_id") === id);
      before = t;
    }
    if (!running || isLast(frame)) continue;
    running.frames.push({ wait: t - before, ...frame });
    before = t;
  }
  return submissions;
}

/** The last frame of a run, which the queue sends after history is written. @param {{type: string, data?: any}} frame */
function isLast({ type, data }) {
  return type === "executing" && data.has("prompt_id") && data.get("node") === null;
}

/** @param {string | URL} source */
function textOf(source) {
  if (typeof source === "string" && source.trimStart().startsWith("{")) return source;
  return readFileSync(typeof source === "string" && source.startsWith("file:") ? new URL(source) : source, "utf8");
}

/** @param {string} text */
function parse(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => loads(line));
}

/** @param {Map<string, any>} line */
function binary(line) {
  const raw = Buffer.from(line.get("b64"), "base64");
  return { type: raw.length >= 4 && raw.readUInt32BE(0) === 3 ? "progress_text" : "preview", raw };
}

/** @param {Map<string, any>} line @returns {Submission} */
function submission(line) {
  const body = line.get("body");
  return { status: line.get("status"), body, prompt: line.get("prompt") ?? new Map(), frames: [], history: undefined };
}

/** @param {Submission[]} submissions @param {any} body */
function addHistory(submissions, body) {
  if (!(body instanceof Map)) return;
  for (const known of submissions) known.history ??= body.get(known.body.get("prompt_id"));
}

/**
 * Replaces the prompt id of a submission.
 * @param {Submission} recorded @param {string} promptId
 * @returns {Submission}
 */
export function renamed(recorded, promptId) {
  const old = recorded.body.get("prompt_id");
  if (typeof old !== "string" || old === promptId) return recorded;
  const rename = (/** @type {any} */ value) => value && loads(dumps(value).replaceAll(old, promptId));
  // Preview metadata holds the id too; ids of equal length keep the length fields valid.
  const renameBytes = (/** @type {Buffer} */ bytes) =>
    old.length === promptId.length ? Buffer.from(bytes.toString("latin1").replaceAll(old, promptId), "latin1") : bytes;
  return {
    ...recorded,
    body: rename(recorded.body),
    history: rename(recorded.history),
    frames: recorded.frames.map((frame) =>
      frame.raw ? { ...frame, raw: renameBytes(frame.raw) } : { ...frame, data: rename(frame.data) },
    ),
  };
}

/** @param {Submission} submission */
export function succeeded({ frames }) {
  return frames.filter(({ type }) => ENDS.includes(type)).at(-1)?.type === "execution_success";
}

// @ts-check
// Records what the proxy answers: `npm run test:api-v2 -- --record`.
import fs from "node:fs";
import path from "node:path";
import { counting, failing, textToImage } from "../scenarios/prompts.mjs";
import { TOKEN, startProxy } from "./proxy.mjs";

/** @typedef {{ status: number, type: string | null, body: string }} Answer the body of a file as base64 */

/**
 * @typedef {object} Recording
 * @property {Record<string, any>} prompt
 * @property {Answer} submitted `POST /api/v2/jobs`
 * @property {Answer} waiting the job right after that
 * @property {string[]} stream its events, part by part as they came
 * @property {Answer} ended the job after that
 * @property {Record<string, Answer>} contents of assets, by path
 * @property {Answer} [uploaded] `POST /api/v2/assets`
 */

/** Where the proxy seems to be in a recording. */
const HOST = "127.0.0.1:8189";

const SCENARIOS = {
  succeeded: { prompt: textToImage({ seed: 3 }) },
  failed: { prompt: failing() },
  canceled: { prompt: counting({ steps: 10_000, delayMs: 20, preview: true }), cancelAt: "preview" },
  refused: { prompt: { 1: { class_type: "NoSuchNode", inputs: {} } } },
};

/**
 * @param {string} program
 * @param {string} folder
 */
export async function record(program, folder) {
  const proxy = await startProxy(program, { stepMs: 100 });
  try {
    fs.writeFileSync(path.join(folder, "uploaded.json"), await upload(proxy.url));
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const text = JSON.stringify(await play(proxy.url, scenario), null, 2);
      fs.writeFileSync(path.join(folder, `${name}.json`), `${text.replaceAll(new URL(proxy.url).host, HOST)}\n`);
    }
  } finally {
    await proxy.close();
  }
}

/** @param {string} url */
async function upload(url) {
  const body = new FormData();
  body.append("file", new Blob(["picture"], { type: "image/png" }), "in.png");
  body.append("file_path", "input/in.png");
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/api/v2/assets`, { method: "POST", headers, body });
  const uploaded = { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
  return `${JSON.stringify({ uploaded }, null, 2).replaceAll(new URL(url).host, HOST)}\n`;
}

/**
 * @param {string} url
 * @param {{ prompt: Record<string, any>, cancelAt?: string }} scenario
 */
async function play(url, { prompt, cancelAt }) {
  const headers = { "Authorization": `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  const ask = async (/** @type {string} */ route, /** @type {RequestInit} */ options = {}) => {
    const response = await fetch(url + route, { headers, ...options });
    const bytes = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get("content-type");
    return { status: response.status, type, body: bytes.toString(type?.startsWith("image/") ? "base64" : "utf8") };
  };
  const submitted = await ask("/api/v2/jobs", { method: "POST", body: JSON.stringify({ workflow: prompt }) });
  if (submitted.status !== 201) return { prompt, submitted };
  const route = `/api/v2/jobs/${JSON.parse(submitted.body).id}`;
  const waiting = await ask(route);
  const events = await fetch(`${url}${route}/events`, { headers });
  /** @type {string[]} */
  const stream = [];
  const decoder = new TextDecoder();
  for await (const part of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (events.body))) {
    stream.push(decoder.decode(part, { stream: true }));
    if (cancelAt && stream.join("").includes(`event: ${cancelAt}`)) {
      cancelAt = undefined;
      await ask(`${route}/cancel`, { method: "POST" });
    }
  }
  const ended = await ask(route);
  /** @type {Record<string, Answer>} */
  const contents = {};
  for (const output of JSON.parse(ended.body).outputs) {
    const { pathname } = new URL(output.url);
    contents[pathname] = await ask(pathname);
  }
  return { prompt, submitted, waiting, stream, ended, contents };
}

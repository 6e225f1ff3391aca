// @ts-check
// What can be uploaded besides files and bytes: URLs, data URLs, and files of other runs.
import { callAs } from "./call-names.js";
import { ResultFile, ServerLink } from "./client.js";
import { ComfyError } from "./comfy-error.js";
import { readParts } from "./read-parts.js";
import { SERVER, pick } from "./server-options.js";
import { bytesNow } from "./snapshot.js";

/**
 * Uploads a file, or fetches one first.
 *
 * @param {string} call
 * @param {any} source
 * @param {any} options
 * @param {(file: any, options: any) => Promise<any>} upload
 */
export function uploadable(call, source, options, upload) {
  const isUrl = source instanceof URL || (typeof source === "string" && /^(data|blob|https?):/i.test(source));
  if (!isUrl && !(source instanceof ResultFile)) return upload(bytesNow(source), options);
  return (async () => {
    const { signal } = Object(options);
    signal?.throwIfAborted?.();
    const { blob, name } = isUrl ? await download(call, String(source), options) : await result(call, source, signal);
    return upload(blob, { ...options, name: options?.name ?? name });
  })();
}

/** @param {string} call @param {any} file @param {any} signal */
async function result(call, file, signal) {
  if (!file.filename) throw new ComfyError("bad_input", `${call} sends files; this result is a text.`);
  return { blob: await file.blob({ signal }), name: file.filename };
}

/** @param {string} call @param {string} url @param {any} options */
async function download(call, url, options) {
  const link = callAs(call, "ComfyClient", () => new ServerLink(pick(options, SERVER)));
  const limit = link.describe()[3];
  const signal = options?.signal;
  const isData = /^data:/i.test(url);
  // Without its query: that may hold a key.
  const shown = isData ? "The data URL" : url.split(/[?#]/)[0];
  const response = await (isData ? decode(url) : link.get(url, signal));
  const { status } = response;
  if (!response.ok) throw new ComfyError("http", `${shown} answers with status ${status}: nothing was uploaded.`, { status });
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  const take = (/** @type {Uint8Array<ArrayBuffer>} */ part) => {
    parts.push(part);
    return !signal?.aborted;
  };
  if (response.body && !(await readParts(response.body, take, limit))) {
    signal?.throwIfAborted?.();
    const hint = { option: "maxResponseBytes", advice: "raise_limit" };
    const message = `${shown} has more than ${limit / 1e6} MB: nothing was uploaded.`;
    throw new ComfyError("too_large", message, { hint }, "If that is meant, pass a larger maxResponseBytes.");
  }
  const type = response.headers.get("content-type")?.split(";")[0].trim() || "application/octet-stream";
  return { blob: new Blob(parts, { type }), name: isData ? `upload.${extension(type)}` : nameOf(url, type) };
}

/**
 * The response of a data URL. It is not fetched, because the policy of a page may forbid that.
 *
 * @param {string} url
 * @returns {Response}
 */
function decode(url) {
  const [, type, base64, data] = /^data:([^,;]*)[^,]*?(;base64)?,(.*)$/is.exec(url) ?? [];
  try {
    const text = decodeURIComponent(data);
    const bytes = base64 ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : new TextEncoder().encode(text);
    return new Response(bytes, { headers: { "Content-Type": type || "text/plain" } });
  } catch (cause) {
    throw new ComfyError("bad_input", "The data URL cannot be read.", { cause });
  }
}

/** @param {string} url @param {string} type */
function nameOf(url, type) {
  let name = new URL(url).pathname.split("/").pop() ?? "";
  try {
    name = decodeURIComponent(name);
  } catch {
    // A lone percent sign stays.
  }
  name = name.replace(/[\\/:*?"<>|\0-\x1f]/g, "_");
  if (!name) name = "upload";
  return /\.\w{1,5}$/.test(name) ? name : `${name}.${extension(type)}`;
}

/** @param {string} type */
function extension(type) {
  const known = { "image/jpeg": "jpg", "image/svg+xml": "svg", "audio/mpeg": "mp3", "text/plain": "txt" };
  return /** @type {any} */ (known)[type] ?? (/^\w+\/([\w]{1,5})$/.exec(type)?.[1] ?? "bin");
}

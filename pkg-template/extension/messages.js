// @ts-check
// Messages between clients (service worker, popup, side panel) and the offscreen document. All of them are JSON.
import { ComfyError } from "../boundary.js";

/** To the offscreen document. */
export const TO_OFFSCREEN = "comfyui-autoflow:offscreen";
/** To all clients. */
export const TO_CLIENTS = "comfyui-autoflow:clients";

const FIELDS = ["code", "promptId", "nodeId", "nodeType", "nodeErrors", "status", "taken", "hint", "unknownTypes"];

/**
 * Serialises an error for a message.
 *
 * @param {unknown} error
 */
export function pack(error) {
  const given = /** @type {any} */ (error);
  /** @type {Record<string, any>} */
  const packed = { message: String(given?.message ?? error) };
  for (const field of FIELDS) if (given?.[field] !== undefined) packed[field] = given[field];
  return packed;
}

/**
 * Restores an error from a message.
 *
 * @param {Record<string, any>} packed
 */
export function unpack({ message, code, ...details }) {
  return code ? new ComfyError(code, message, details) : new Error(message);
}

/**
 * Encodes a Blob as a data: URL.
 *
 * @param {Blob} blob
 * @returns {Promise<string>} a data: URL
 */
export async function toDataUrl(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const pieces = [];
  // In pieces, as the number of arguments of a call is limited.
  for (let at = 0; at < bytes.length; at += 0x8000) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return `data:${blob.type || "application/octet-stream"};base64,${btoa(pieces.join(""))}`;
}

// @ts-check
// Encodes frames: text is `{type, data}`; binary starts with its type as a big-endian u32.
import { Buffer } from "node:buffer";
import { dumps } from "../python/json.js";

/** Preview without metadata. */
export const PREVIEW = 1;
/** Progress text of a node, sent to every client. */
export const TEXT = 3;
/** Preview with metadata, for clients whose feature flags support it. */
export const PREVIEW_WITH_METADATA = 4;

const IMAGE_FORMATS = /** @type {Record<string, number>} */ ({ "image/jpeg": 1, "image/png": 2 });

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** @param {string} type @param {any} data */
export function textFrame(type, data) {
  return dumps({ type, data });
}

/** @param {{bytes: Uint8Array, mimeType: string}} image */
export function previewFrame(image) {
  return Buffer.concat([u32(PREVIEW), u32(IMAGE_FORMATS[image.mimeType] ?? 1), image.bytes]);
}

/** @param {{bytes: Uint8Array, mimeType: string}} image @param {Record<string, any>} metadata */
export function previewWithMetadataFrame(image, metadata) {
  const json = Buffer.from(dumps({ ...metadata, image_type: image.mimeType }));
  return Buffer.concat([u32(PREVIEW_WITH_METADATA), u32(json.length), json, image.bytes]);
}

/** @param {string} nodeId @param {string} text */
export function progressTextFrame(nodeId, text) {
  const id = Buffer.from(nodeId);
  return Buffer.concat([u32(TEXT), u32(id.length), id, Buffer.from(text)]);
}

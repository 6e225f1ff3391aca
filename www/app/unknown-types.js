// @ts-check
// Node types that the server lacks, and the workflow that uses them.
import { ComfyError } from "comfyui-autoflow";
import { parseLenient } from "./json-numbers.js";

/** @typedef {{ type: string, pack: string | null, nodes: string[] }} UnknownType */

/** The types that a failed conversion names; empty where it failed for another reason. @param {unknown} error @returns {UnknownType[]} */
export function unknownTypesOf(error) {
  const types = error instanceof ComfyError ? /** @type {any} */ (error).unknownTypes : undefined;
  return Array.isArray(types) ? types.map(({ type, pack, nodes }) => ({ type, pack: pack || null, nodes: (nodes ?? []).map(String) })) : [];
}

const SUBGRAPH = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$|workflow[>/])/i;

/** Whether a type is that of a subgraph or group node, whose definition the file lacks. @param {UnknownType} type */
export function isSubgraph({ type }) {
  return SUBGRAPH.test(type);
}

/** Unknown types by pack, the packs with the most nodes first, types without a pack last. @param {UnknownType[]} types */
export function byPack(types) {
  /** @type {Map<string | null, UnknownType[]>} */
  const packs = new Map();
  for (const one of types) {
    const core = one.pack === "comfy-core" ? "ComfyUI itself, in a newer version" : one.pack;
    const pack = isSubgraph(one) ? "Subgraphs without a definition" : core;
    packs.set(pack, [...(packs.get(pack) ?? []), one]);
  }
  const weight = (/** @type {UnknownType[]} */ group) => group.reduce((sum, { nodes }) => sum + nodes.length, 0);
  return [...packs]
    .map(([pack, group]) => ({ pack, types: group }))
    .sort((a, b) => Number(a.pack === null) - Number(b.pack === null) || weight(b.types) - weight(a.types));
}

/** The workflow of a JSON file or of the text chunks of a PNG, without converting it. @param {Blob} file @returns {Promise<any>} */
export async function workflowOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  for (const text of [new TextDecoder().decode(bytes), ...pngTexts(bytes)]) {
    try {
      const value = parseLenient(text);
      const workflow = value?.workflow ?? value;
      if (Array.isArray(workflow?.nodes)) return workflow;
    } catch {
      // No JSON.
    }
  }
  return null;
}

/** The contents of the tEXt chunks with the keyword `workflow`. @param {Uint8Array} bytes */
function* pngTexts(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== 0x89504e47) return;
  const latin1 = new TextDecoder("latin1");
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    const end = body.indexOf(0);
    if (latin1.decode(bytes.subarray(at + 4, at + 8)) === "tEXt" && latin1.decode(body.subarray(0, end)) === "workflow") {
      yield latin1.decode(body.subarray(end + 1));
    }
    at += length + 12;
  }
}

// @ts-check
// What the page says of node types that the server lacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComfyError } from "comfyui-autoflow";
import { encodePng } from "comfyui-autoflow/testing";
import { explain } from "../../www/app/explain.js";
import { unknownTypesOf, workflowOf } from "../../www/app/unknown-types.js";

const TYPES = [
  { type: "Odd", pack: null, nodes: ["9"] },
  { type: "LoadVideo", pack: "video-pack", nodes: ["1", "4:2"] },
  { type: "Detail", pack: "detail-pack", nodes: ["3"] },
  { type: "SaveVideo", pack: "video-pack", nodes: ["5"] },
];
const page = new URL("http://127.0.0.1:8080");
const failure = () => Object.assign(Reflect.construct(ComfyError, ["conversion", "long"]), { unknownTypes: TYPES });

test("they are listed by pack, the ones without a pack last", () => {
  const { title, packs } = explain(failure(), "http://127.0.0.1:8188", page);
  assert.equal(title, "The server lacks 4 node types");
  assert.deepEqual(
    packs?.map(({ pack, types }) => [pack, types.map(({ type }) => type)]),
    [
      ["video-pack", ["LoadVideo", "SaveVideo"]],
      ["detail-pack", ["Detail"]],
      [null, ["Odd"]],
    ],
  );
});

test("subgraphs without a definition and nodes of ComfyUI itself are no packs to install", () => {
  const subgraph = { type: "0a1b2c3d-0000-4000-8000-0123456789ab", pack: null, nodes: ["1"] };
  const of = (/** @type {typeof TYPES} */ types) => {
    const error = Object.assign(Reflect.construct(ComfyError, ["conversion", "long"]), { unknownTypes: types });
    return explain(error, "http://127.0.0.1:8188", page);
  };
  const { text, packs } = of([subgraph]);
  assert.match(text, /save it again in the editor/);
  assert.doesNotMatch(text, /Install/);
  assert.deepEqual(packs?.map(({ pack }) => pack), ["Subgraphs without a definition"]);
  const core = { type: "OfTomorrow", pack: "comfy-core", nodes: ["2"] };
  assert.deepEqual(of([core]).packs?.map(({ pack }) => pack), ["ComfyUI itself, in a newer version"]);
});

test("other failures name none", () => {
  assert.deepEqual(unknownTypesOf(Reflect.construct(ComfyError, ["conversion", "x"])), []);
  assert.deepEqual(unknownTypesOf(new Error("x")), []);
});

test("the workflow is read from JSON and from a picture, without converting it", async () => {
  const workflow = { nodes: [{ id: 1, type: "Odd" }], links: [] };
  const text = JSON.stringify(workflow);
  const picture = encodePng({ width: 1, height: 1, channels: 3, data: new Uint8Array(3) }, { text: { workflow: text } });
  for (const content of [text, JSON.stringify({ workflow }), new Uint8Array(picture)]) {
    assert.deepEqual(await workflowOf(new Blob([content])), workflow);
  }
  assert.equal(await workflowOf(new Blob(["{}"])), null);
  assert.equal(await workflowOf(new Blob([new Uint8Array([1, 2, 3])])), null);
});

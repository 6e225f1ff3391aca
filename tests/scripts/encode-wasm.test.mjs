import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import esbuild from "esbuild";
import decode, { DECODER } from "../../pkg-template/decode-wasm.js";
import { encodeWasm } from "../../scripts/encode-wasm.mjs";
import { nodeModules, root, target } from "../../scripts/paths.mjs";
import { run } from "../../scripts/run.mjs";

/** @param {Uint8Array} bytes */
function thereAndBack(bytes) {
  const { frequent, text } = encodeWasm(bytes);
  return decode(frequent, text);
}

test("bytes as text come back, the frequent and the rare ones", () => {
  const each = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const rareAtTheEnd = Uint8Array.from([...Array(90_000).fill(7), 255]);
  for (const bytes of [each, rareAtTheEnd]) {
    assert.deepEqual(Buffer.from(thereAndBack(bytes)), Buffer.from(bytes));
  }
});

test("a minifier leaves the text as it is, whatever its output may hold", async () => {
  const { text } = encodeWasm(Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >> 3));
  for (const charset of /** @type {const} */ (["ascii", "utf8"])) {
    const { code } = await esbuild.transform(`export default "${text}"`, { minify: true, charset });
    assert.ok(code.includes(text));
  }
});

test("the decoder in the package is the one whose source is in scripts", async () => {
  const assembled = path.join(target, "tmp", "decode-wasm.wasm");
  fs.mkdirSync(path.dirname(assembled), { recursive: true });
  const wasmAs = path.join(nodeModules, ".bin", "wasm-as");
  const { code, output } = await run(wasmAs, [path.join(root, "scripts", "decode-wasm.wat"), "-o", assembled]);
  assert.equal(code, 0, output);
  assert.equal(DECODER, fs.readFileSync(assembled).toString("base64"));
});

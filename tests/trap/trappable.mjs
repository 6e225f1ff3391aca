// @ts-check
// A test build that traps on purpose: every way into the wasm first looks at a global that the test sets.
import fs from "node:fs";
import path from "node:path";
import binaryen from "binaryen";
import { pkg } from "../../scripts/paths.mjs";

/** The ways in: closures, and what is called by its name. */
const WAYS_IN = /^wasm_bindgen__convert__closures|^[a-z]/;
/** Starts it anew. */
const KEPT = new Set(["restart"]);

/**
 * @param {"client" | "converter"} name
 * @returns {Buffer<ArrayBuffer>} the module, with the exported global `trap`
 */
export function trappable(name) {
  const module = binaryen.readBinary(fs.readFileSync(path.join(pkg, `${name}.wasm`)));
  const { MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, ReferenceTypes, Multivalue } = binaryen.Features;
  // Those that Rust uses: with all of them it writes what Node 20 does not read.
  module.setFeatures(MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | ReferenceTypes | Multivalue);
  module.addGlobal("trap", binaryen.i32, true, module.i32.const(0));
  module.addGlobalExport("trap", "trap");
  const seen = new Set(KEPT);
  for (let at = 0; at < module.getNumExports(); at += 1) {
    const { kind, name, value } = binaryen.getExportInfo(module.getExportByIndex(at));
    if (kind !== binaryen.ExternalFunction || !WAYS_IN.test(name) || seen.has(name) || seen.has(value)) continue;
    seen.add(value);
    const call = module.getFunction(value);
    const { body, results } = binaryen.getFunctionInfo(call);
    const check = module.if(module.global.get("trap", binaryen.i32), module.unreachable());
    /** @type {any} */ (binaryen).Function.setBody(call, module.block(null, [check, body], results));
  }
  const bytes = Buffer.from(module.emitBinary());
  module.dispose();
  return bytes;
}

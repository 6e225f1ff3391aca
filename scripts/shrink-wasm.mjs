// @ts-check
// Makes a wasm smaller than wasm-opt alone does, as a server sends it, which is compressed. Works on the text format, which
// wasm-opt reads and wasm-dis writes.
import fs from "node:fs";
import path from "node:path";
import { nodeModules } from "./paths.mjs";
import { run } from "./run.mjs";

/**
 * Inlining functions that have one caller saves bytes, but brotli packs the result 5 % worse. In the order of their
 * names, similar functions are neighbours.
 */
const OPTIMISE = ["-Os", "--one-caller-inline-max-function-size=20", "--dae-optimizing", "--reorder-functions-by-name"];

/** What wasm-bindgen's output uses. */
const FEATURES = ["bulk-memory", "reference-types", "sign-ext", "mutable-globals", "nontrapping-float-to-int", "multivalue"].map(
  (name) => `--enable-${name}`,
);

/**
 * Functions that only write the message of a panic, which the package does not show. So do all that write a value for
 * developers: the crate itself has none (tests/architecture.rs).
 */
const PANIC = new RegExp(
  [
    " as core::fmt::Debug>::fmt",
    "core::panicking::",
    "core::(option|result)::(unwrap|expect)_failed",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "copy_from_slice_impl::len_mismatch_fail",
    "core::cell::(panic_already|Borrow(Mut)?Error)",
    "alloc::raw_vec::handle_error",
    "alloc::alloc::handle_alloc_error",
    "::assert_failed$",
    "std::panicking::",
    "std::thread::local::panic_access_error",
    "__rustc::rust_panic$",
    "std::alloc::default_alloc_error_hook",
  ].join("|"),
);

/**
 * @param {string} raw path of a wasm with the names of its functions
 * @param {string} glue its JavaScript, by wasm-bindgen
 * @returns {Promise<{ bytes: Buffer, glue: string }>}
 */
export async function shrink(raw, glue) {
  const [text, optimised, small] = ["text.wat", "optimised.wat", "small.wasm"].map((name) => path.join(path.dirname(raw), name));
  const shorter = shortImports(withoutSourceLocations(cutPanics(await disassembled(raw))), glue);
  fs.writeFileSync(text, shorter.text);
  await binaryen("wasm-opt", text, ...OPTIMISE, "-S", "-g", "-o", optimised);
  fs.writeFileSync(text, likeBesideLike(fs.readFileSync(optimised, "utf8")));
  await binaryen("wasm-as", text, "-o", small);
  return { bytes: fs.readFileSync(small), glue: shorter.glue };
}

/** @param {string} file */
async function disassembled(file) {
  const out = `${file}.wat`;
  await binaryen("wasm-dis", file, "-o", out);
  return fs.readFileSync(out, "utf8");
}

/** @param {string} tool @param {string[]} args */
async function binaryen(tool, ...args) {
  const { code, output } = await run(path.join(nodeModules, ".bin", tool), [...FEATURES, ...args]);
  if (code !== 0) throw new Error(`${tool} failed: ${output}`);
}

/**
 * The functions of a module, and what stands before and after them.
 *
 * @param {string} text
 */
function parts(text) {
  const [before, ...functions] = text.split(/^ (?=\(func )/m);
  const last = functions.length - 1;
  // The last function ends like each of them; what follows belongs to the module.
  const end = functions[last].indexOf("\n )") + 4;
  const after = functions[last].slice(end);
  functions[last] = functions[last].slice(0, end);
  return { before, functions, after };
}

/** @param {{ before: string, functions: string[], after: string }} parts */
function joined({ before, functions, after }) {
  return [before, ...functions.map((one) => ` ${one.trimEnd()}\n`), after].join("");
}

/** @param {string} text */
function cutPanics(text) {
  const module = parts(text);
  module.functions = module.functions.map((one) => {
    const [head] = one.split("\n", 1);
    return PANIC.test(nameOf(head)) ? `${head}\n  (unreachable)\n )\n` : one;
  });
  return joined(module);
}

/**
 * Overwrites with zeros where in which source file the panics are: what shows them is cut. A `core::panic::Location` is the
 * address and the length of a path, a line and a column.
 *
 * @param {string} text
 */
function withoutSourceLocations(text) {
  const segments = [...text.matchAll(/^( \(data \S+ \(i32\.const (\d+)\) ")(.*)("\)$)/gm)].map(
    ([whole, before, start, content, after]) => ({ whole, before, start: Number(start), bytes: bytesOf(content), after }),
  );
  /** @param {number} address @param {number} length */
  const inside = (address, length) => {
    const found = segments.find(({ start, bytes }) => start <= address && address + length <= start + bytes.length);
    return found?.bytes.subarray(address - found.start, address - found.start + length);
  };
  /** @type {Buffer[]} */
  const unused = [];
  for (const { start, bytes } of segments) {
    for (let at = -start & 3; at + 16 <= bytes.length; at += 4) {
      const [address, length, line, column] = [0, 4, 8, 12].map((offset) => bytes.readUInt32LE(at + offset));
      if (!line || !column || line > 100_000 || column > 1000 || length > 300) continue;
      const file = inside(address, length);
      if (file?.subarray(-3).toString() === ".rs") unused.push(file, bytes.subarray(at, at + 16));
    }
  }
  if (unused.length === 0) throw new Error("No source location was found: this compiler writes them otherwise.");
  for (const bytes of unused) bytes.fill(0);
  for (const { whole, before, bytes, after } of segments) text = text.replace(whole, () => before + escaped(bytes) + after);
  return text;
}

/** The bytes that a string of the text format stands for. @param {string} content */
function bytesOf(content) {
  /** @type {Record<string, string>} */
  const names = { t: "\t", n: "\n", r: "\r", '"': '"', "'": "'", "\\": "\\" };
  const latin = content.replace(/\\([0-9a-f]{2}|.)/g, (_, code) => names[code] ?? String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(latin, "latin1");
}

/** @param {Buffer} bytes */
function escaped(bytes) {
  return Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}

/** The path of a function, without the hashes of crates and instances. @param {string} head */
function nameOf(head) {
  const [, quoted, plain] = /^\(func \$(?:"([^"]*)"|(\S+))/.exec(head) ?? [];
  return (quoted ?? plain ?? "").replace(/\[[0-9a-f]{16}\]|::h[0-9a-f]{16}$/g, "");
}

/**
 * Most of wasm-bindgen's imports have names that end in sixteen digits, which do not compress, in the wasm and in the glue.
 * The others keep theirs: pkg-template/trap.js knows closures by them.
 *
 * @param {string} text
 * @param {string} glue
 */
function shortImports(text, glue) {
  /** @type {Map<string, string>} */
  const short = new Map();
  for (const [, name] of text.matchAll(/^ \(import "[^"]*" "(__wbg_[^"]*)"/gm)) {
    if (!short.has(name)) short.set(name, `_${short.size.toString(36)}`);
  }
  const shortened = text.replace(/^( \(import "[^"]*" )"(__wbg_[^"]*)"/gm, (_, before, name) => `${before}"${short.get(name)}"`);
  let found = 0;
  const names = glue.replace(/^( {4,})(\w+)(?=: )/gm, (all, before, name) => {
    const renamed = short.get(name);
    if (renamed) found++;
    return renamed ? before + renamed : all;
  });
  if (found !== short.size) throw new Error(`Of ${short.size} imports the glue has ${found}: wasm-bindgen writes it otherwise.`);
  return { text: shortened, glue: names };
}

/** How many instructions stand for a function where functions are compared. */
const SKETCH = 64;

/**
 * Orders functions so that each follows the one that is most like it: compression finds more, and nearer.
 *
 * @param {string} text
 */
function likeBesideLike(text) {
  const module = parts(text);
  const sketches = module.functions.map(sketch);
  const left = new Set(sketches.keys());
  const order = [];
  for (let current = 0; left.size > 0; ) {
    left.delete(current);
    order.push(current);
    let [next, most] = [-1, -1];
    for (const other of left) {
      let alike = 0;
      for (let i = 0; i < SKETCH; i++) if (sketches[current][i] === sketches[other][i] && sketches[other][i]) alike++;
      if (alike > most) [next, most] = [other, alike];
    }
    current = next;
  }
  module.functions = order.map((index) => module.functions[index]);
  return joined(module);
}

/** The least hashes of neighbouring instructions: alike where functions are. @param {string} code */
function sketch(code) {
  const least = new Uint32Array(SKETCH);
  const lines = code.split("\n").map((line) => line.trim());
  for (let i = 1; i + 1 < lines.length; i++) {
    let hash = 1;
    for (const char of lines[i] + lines[i + 1]) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
    const slot = hash % SKETCH;
    if (!least[slot] || hash < least[slot]) least[slot] = hash;
  }
  return least;
}

// @ts-check
// The two wasm modules, client and converter: their state, and the errors of calls while they do not run. This file
// imports neither, so that an entry carries only what it needs.
import { report } from "./callbacks.js";
import { ComfyError } from "./comfy-error.js";
import { TrapGuard } from "./trap.js";

/**
 * @typedef {string | URL | Response | BufferSource | WebAssembly.Module} WasmSource
 * @typedef {object} Glue of what wasm-bindgen makes beside each module
 * @property {(how: { module: BufferSource | WebAssembly.Module }) => unknown} initSync
 * @property {(schedule: boolean) => void} restart
 */

class WasmModule {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.guard = new TrapGuard(name);
    /** Whether calls can go to it. */
    this.runs = false;
    /** Grows with each new instance after a trap. */
    this.instance = 0;
    /** Its exports. @type {Glue | undefined} */
    this.glue = undefined;
    /** The wasm that the entry carries, until it runs. @type {(() => BufferSource | WebAssembly.Module) | undefined} */
    this.carried = undefined;
    /** Why the wasm that the entry carries does not run. @type {unknown} */
    this.refused = undefined;
  }

  /**
   * For entries that carry the wasm. Where it may not run, the first call fails: an import that throws would stop the
   * page's own code.
   */
  start() {
    if (this.runs || !this.carried || !this.glue) return;
    try {
      this.glue.initSync({ module: this.carried() });
      this.runs = true;
      this.carried = undefined;
    } catch (error) {
      this.refused = error;
    }
  }

  /** Whether calls can go to it; one that is carried and was not needed before starts now. */
  isReady() {
    if (!this.runs) this.start();
    return this.runs && !this.guard.trapped;
  }

  /** Makes a new instance if the last one has trapped. */
  restart() {
    if (!this.guard.trapped) return;
    this.guard.trapped = undefined;
    this.instance += 1;
    this.guard.restarting(() => {
      this.glue?.restart(true);
      this.glue?.restart(false);
    });
  }

  /**
   * Loads the wasm where the entry does not carry it. Calling again is free; after a failure it can be tried again.
   *
   * @param {WasmSource | Promise<WasmSource> | null | undefined} source
   */
  async load(source) {
    this.restart();
    if (this.isReady()) return;
    const given = await source;
    if (given === undefined || given === null) throw this.refused ? unfit("The wasm", this, this.refused) : nothingGiven();
    const isUrl = typeof given === "string" || given instanceof URL;
    const opened = isUrl ? await open(given) : given;
    const response = typeof Response === "function" && opened instanceof Response ? opened : undefined;
    const url = isUrl ? String(given) : response?.url;
    const name = url ? `"${url}"` : "What init() was given";
    if (response) check(response, name);
    try {
      this.glue?.initSync({ module: await compiled(opened) });
    } catch (error) {
      throw unfit(name, this, error);
    }
    this.runs = true;
  }

  /**
   * The error of a call before `init`.
   *
   * @param {string} call
   */
  notReady(call) {
    if (this.guard.trapped) return this.guard.trapped;
    if (this.refused) return unfit("The wasm", this, this.refused);
    const init = this === client ? "init(source)" : "init({ client, converter })";
    return new ComfyError(
      "bad_input",
      `${call} was called before ${this.name}.wasm was loaded: await ${init} of comfyui-autoflow/slim first, or import ` +
        `"${this === client ? "comfyui-autoflow" : "comfyui-autoflow/workflow"}", which carries it.`,
    );
  }
}

/** Submits, follows, fetches and uploads. */
export const client = new WasmModule("client");

/** Makes prompts of workflows, and reads the workflows inside of files. */
export const converter = new WasmModule("converter");

/**
 * Stands in for `WebAssembly.Instance` in the glue of each module.
 *
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Imports} imports
 */
export function ClientInstance(module, imports) {
  return client.guard.instantiate(module, imports);
}

/**
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Imports} imports
 */
export function ConverterInstance(module, imports) {
  return converter.guard.instantiate(module, imports);
}

/** Imports the converter where the entry does not carry it. @type {(() => Promise<ConverterChunk>) | undefined} */
let importConverter;

/** @typedef {{ glue: Glue, bytes: () => BufferSource }} ConverterChunk */

/** @param {() => Promise<ConverterChunk>} importChunk is called again where it failed and the converter is needed again */
export function loadConverterBy(importChunk) {
  importConverter = importChunk;
}

/** @type {Promise<void> | undefined} */
let loading;

/**
 * The converter's exports, for the client, which calls them by their names.
 *
 * @param {string} [call] what needs them
 * @returns {Promise<any>}
 */
async function exportsOfConverter(call = "Workflow.load of a workflow or a file") {
  if (!converter.isReady()) {
    if (!importConverter || converter.guard.trapped) throw converter.notReady(call);
    loading ??= loadConverter(importConverter).finally(() => (loading = undefined));
    await loading;
  }
  return converter.glue;
}

/** @param {() => Promise<ConverterChunk>} importChunk */
async function loadConverter(importChunk) {
  const { glue, bytes } = await importChunk().catch(unloadable);
  converter.glue ??= glue;
  await converter.load(bytes());
}

/**
 * @param {unknown} cause
 * @returns {never}
 */
function unloadable(cause) {
  const scope = /** @type {any} */ (globalThis);
  const inServiceWorker =
    typeof scope.ServiceWorkerGlobalScope === "function" && scope instanceof scope.ServiceWorkerGlobalScope;
  throw inServiceWorker
    ? new ComfyError(
        "bad_input",
        'A service worker cannot load the converter later: import from "comfyui-autoflow/workflow" instead of ' +
          '"comfyui-autoflow", which carries it.',
        { cause },
      )
    : new ComfyError(
        "network",
        `The converter, a part of comfyui-autoflow that is loaded when it is needed, cannot be loaded: ${messageOf(cause)}. ` +
          'The call may be tried again; "comfyui-autoflow/workflow" loads it at once.',
        { cause },
      );
}

/**
 * A printer that draws a bar. Where the converter has to be loaded, events wait for it.
 *
 * @param {any} options of `progressPrinter`
 */
function barPrinter(options) {
  const call = "progressPrinter of a bar";
  const exported = /** @type {any} */ (converter.glue);
  if (converter.isReady()) return exported.barPrinter(options);
  if (!importConverter || converter.guard.trapped) throw converter.notReady(call);
  const asTheyAre = { ...options };
  /** What was wanted of the printer before it was there. @type {Array<(printer: any) => void> | undefined} */
  let waiting = [];
  /** @type {any} */
  let printer;
  /** @param {(printer: any) => void} use */
  const later = (use) => (waiting ? void waiting.push(use) : printer && use(printer));
  const drawWaiting = () => {
    const uses = waiting ?? [];
    waiting = undefined;
    for (const use of uses) later(use);
  };
  exportsOfConverter(call)
    .then((glue) => (printer = glue.barPrinter(asTheyAre)))
    .catch(report)
    .then(drawWaiting)
    .catch(report);
  /** @param {any} event */
  const print = (event) => later((ready) => ready(event));
  return Object.assign(print, { finish: () => later((ready) => ready.finish()) });
}

/** For the glue of the client, as `boundary` of boundary.js. */
export const modules = { barPrinter, converter: exportsOfConverter };

/**
 * `init` of every entry.
 *
 * @param {WasmSource | { client?: WasmSource, converter?: WasmSource } | Promise<any>} [source]
 * @returns {Promise<void>}
 */
export async function init(source) {
  const given = await source;
  const isPair = typeof given === "object" && given !== null && ("client" in given || "converter" in given);
  const sources = isPair ? given : { client: given };
  await client.load(sources.client);
  converter.restart();
  if (sources.converter && converter.glue) await converter.load(sources.converter);
}

/** @param {any} source a Response, bytes or a module @returns {Promise<WebAssembly.Module>} */
async function compiled(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof Response !== "function" || !(source instanceof Response)) return WebAssembly.compile(source);
  const streams = typeof WebAssembly.compileStreaming === "function" && source.headers.get("content-type") === "application/wasm";
  return streams ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer());
}

/** @param {string | URL} url */
async function open(url) {
  const text = String(url);
  try {
    // Node's fetch refuses file: URLs; a static import of node:fs would break bundles for the browser.
    const fs = text.startsWith("file:") ? globalThis.process?.getBuiltinModule?.("node:fs/promises") : undefined;
    return await (fs ? fs.readFile(new URL(text)) : fetch(text));
  } catch (cause) {
    throw new ComfyError("network", `"${text}" cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

/**
 * Many servers answer a wrong address with an HTML page, which does not compile.
 *
 * @param {Response} response
 * @param {string} name
 */
function check({ ok, status, headers }, name) {
  const advice = "is the file among those served?";
  if (!ok) throw new ComfyError("http", `${name} answered with status ${status}: ${advice}`, { status });
  const type = headers.get("content-type")?.split(";")[0].trim() ?? "";
  if (type === "text/html") throw new ComfyError("bad_input", `${name} answered with ${type}, not wasm: ${advice}`);
}

/**
 * @param {string} name
 * @param {WasmModule} module
 * @param {unknown} cause
 */
function unfit(name, module, cause) {
  const said = messageOf(cause);
  // The messages of browsers differ, and none says what to do.
  const message = /content.security.policy|\bCSP\b|unsafe-eval/i.test(said)
    ? "The Content-Security-Policy of this page lets no WebAssembly run: add 'wasm-unsafe-eval' to its script-src."
    : `${name} does not run as ${module.name}.wasm of this version: ${said}.`;
  return new ComfyError("bad_input", message, { cause });
}

function nothingGiven() {
  return new ComfyError(
    "bad_input",
    "init() of comfyui-autoflow/slim needs the wasm: a URL, a Response, bytes or a WebAssembly.Module of " +
      'comfyui-autoflow/client.wasm, or { client, converter } with both. Or import "comfyui-autoflow", which carries it.',
  );
}

/** @param {unknown} error */
function messageOf(error) {
  return String(/** @type {any} */ (error)?.message ?? error);
}

/**
 * The same function, which says what to do when it is called too early: one that returns a promise rejects it.
 *
 * @template {(...args: never[]) => unknown} F
 * @param {WasmModule} module
 * @param {string} name
 * @param {F} call
 * @param {{ promises?: boolean }} [what]
 * @returns {F}
 */
export function whenReady(module, name, call, { promises = false } = {}) {
  return /** @type {F} */ (
    function (/** @type {never[]} */ ...args) {
      if (module.isReady()) return Reflect.apply(call, this, args);
      if (promises) return Promise.reject(module.notReady(name));
      throw module.notReady(name);
    }
  );
}

// @ts-check
// What happens when a wasm module traps (a defect of this package, or no memory left): its memory may be inconsistent,
// so it does not run again. Pending promises are rejected, later calls fail, its callbacks do nothing.
import { ComfyError } from "./comfy-error.js";

/** Exports that Rust and the glue use themselves: closures, memory, finalizers. They stay silent after a trap. */
const OWN = /^_|^wasm_bindgen__/;

/** Imports that make a function of a closure, and others. */
const MAKES_CLOSURES = /^__wbindgen_(cast|generic)/;

/** One module, through all of its instances. */
export class TrapGuard {
  /** @param {string} name of the module */
  constructor(name) {
    this.name = name;
    /** What calls fail with since it trapped. @type {ComfyError | undefined} */
    this.trapped = undefined;
    /** Rejects what waits. @type {Set<(reason: unknown) => void>} */
    this.pending = new Set();
    this.letThrough = false;
  }

  /**
   * Stands in for `new WebAssembly.Instance` in the glue (see scripts/wasm.mjs): it wraps every entry into the wasm.
   *
   * @param {WebAssembly.Module} module
   * @param {WebAssembly.Imports} imports
   * @returns {WebAssembly.Instance}
   */
  instantiate(module, imports) {
    const life = { over: false };
    const watched = Object.fromEntries(
      Object.entries(imports).map(([from, values]) => [from, this.#watchImports(values, life)]),
    );
    const { exports } = new WebAssembly.Instance(module, watched);
    /** @type {Record<string, any>} */
    const guarded = Object.create(null);
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] = typeof value === "function" ? this.#watchExport(name, value, life) : value;
    }
    return { exports: guarded };
  }

  /**
   * Lets through the two calls that make a new instance.
   *
   * @param {() => void} calls
   */
  restarting(calls) {
    this.letThrough = true;
    try {
      calls();
    } finally {
      this.letThrough = false;
    }
  }

  /**
   * An export that notices when something is thrown through the wasm: intended errors are returned to the glue instead.
   * A promise that it returns is rejected when the module traps.
   *
   * @param {string} name
   * @param {Function} call
   * @param {{ over: boolean }} life of the instance
   */
  #watchExport(name, call, life) {
    const isOwn = OWN.test(name);
    // With named parameters: a rest parameter would double the cost of the call.
    return (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c, /** @type {any} */ d, /** @type {any} */ e, /** @type {any[]} */ ...more) => {
      if (life.over && !this.letThrough) {
        if (isOwn) return undefined;
        throw this.trapped ?? this.#stale();
      }
      let result;
      try {
        result = more.length ? call(a, b, c, d, e, ...more) : call(a, b, c, d, e);
      } catch (error) {
        throw this.#end(life, error);
      }
      return result instanceof Promise ? this.#settled(result) : result;
    };
  }

  /**
   * The imports, where Rust's closures become functions: these do nothing after a trap, but close the socket that still
   * calls them.
   *
   * @param {WebAssembly.ModuleImports} imports
   * @param {{ over: boolean }} life
   */
  #watchImports(imports, life) {
    return Object.fromEntries(
      Object.entries(imports).map(([name, value]) => {
        if (typeof value !== "function" || !MAKES_CLOSURES.test(name)) return [name, value];
        const cast = (/** @type {any[]} */ ...args) => {
          const made = value(...args);
          return typeof made?._wbg_cb_unref === "function" ? this.#watchClosure(made, life) : made;
        };
        return [name, cast];
      }),
    );
  }

  /**
   * @param {Function & { _wbg_cb_unref: () => void }} closure
   * @param {{ over: boolean }} life
   */
  #watchClosure(closure, life) {
    const watched = (/** @type {any} */ a, /** @type {any} */ b, /** @type {any} */ c) => {
      if (life.over) return void a?.target?.close?.();
      try {
        return closure(a, b, c);
      } catch (error) {
        // The caller could not handle a trap, and pending promises are rejected already.
        if (!life.over) throw error;
      }
    };
    watched._wbg_cb_unref = () => {
      if (!life.over) closure._wbg_cb_unref();
    };
    return watched;
  }

  /**
   * @param {(reason: unknown) => void} call what is called when the module traps
   * @returns {() => void} takes it back
   */
  onTrap(call) {
    this.pending.add(call);
    return () => void this.pending.delete(call);
  }

  /**
   * @param {Promise<unknown>} promise
   * @returns {Promise<unknown>}
   */
  #settled(promise) {
    return new Promise((resolve, reject) => {
      const done = this.onTrap(reject);
      promise.then(done, done);
      promise.then(resolve, reject);
    });
  }

  /**
   * @param {{ over: boolean }} life
   * @param {unknown} cause
   */
  #end(life, cause) {
    if (!life.over) {
      life.over = true;
      const { message } = /** @type {{ message?: unknown }} */ (cause ?? {});
      this.trapped = new ComfyError(
        "internal",
        `${this.name}.wasm of comfyui-autoflow failed: ${message ?? cause}. This is a defect of the package: please report ` +
          "it. await init() restarts it; runs go on on their servers, and Submission.fromPromptId picks them up again.",
        { cause },
      );
      for (const reject of this.pending) reject(this.trapped);
      this.pending.clear();
    }
    return this.trapped;
  }

  #stale() {
    return new ComfyError("internal", `This belongs to an instance of ${this.name}.wasm that failed.`);
  }
}

/**
 * Makes methods that return promises reject where the glue throws: for objects of an instance that has been replaced.
 *
 * @param {{ name: string, prototype: any }} type
 * @param {string[]} methods
 */
export function rejectWhenGone({ name, prototype }, methods) {
  for (const key of methods) {
    const method = prototype[key];
    prototype[key] = function (/** @type {any[]} */ ...args) {
      try {
        return method.apply(this, args);
      } catch (cause) {
        const message = `This ${name} belongs to a wasm instance that failed and was replaced: make another one.`;
        return Promise.reject(cause instanceof ComfyError ? cause : new ComfyError("internal", message, { cause }));
      }
    };
  }
}

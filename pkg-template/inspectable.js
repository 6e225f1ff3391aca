// @ts-check
// What `console.log` of Node, Deno and Bun shows of an object; without this it shows the pointer into the wasm.

/**
 * @param {{ name: string, prototype: object }} type
 * @param {string[]} names of its getters
 */
export function inspectable({ name, prototype }, names) {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(/** @type {number} */ depth, /** @type {object} */ options, /** @type {Function} */ inspect) {
      // The prototype itself, or an instance that was freed.
      if (!this.__wbg_ptr) return name;
      const shown = Object.fromEntries(names.map((key) => [key, shortened(this[key])]));
      return `${name} ${inspect(shown, { ...options, depth })}`;
    },
  });
}

/**
 * An object info has megabytes of text.
 *
 * @param {unknown} value
 */
function shortened(value) {
  return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}…` : value;
}

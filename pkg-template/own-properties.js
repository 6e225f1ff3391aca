// @ts-check
// Objects whose keys a server or a file chose: an id may be `__proto__` or `constructor`.

/**
 * An own property; undefined where there is none. Reading `constructor` would find the one of all objects.
 *
 * @param {any} source
 * @param {string} key
 */
export function getOwn(source, key) {
  return Object.hasOwn(Object(source), key) ? source[key] : undefined;
}

/**
 * Sets an own property. Assigning `__proto__` would set the prototype instead.
 *
 * @param {object} target
 * @param {string} key
 * @param {unknown} value
 */
export function setOwn(target, key, value) {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * `Object.assign` that keeps an own `__proto__` one.
 *
 * @param {object} target
 * @param {unknown} source
 */
export function assignOwn(target, source) {
  for (const [key, value] of Object.entries(source ?? {})) setOwn(target, key, value);
}

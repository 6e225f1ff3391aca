// @ts-check
// As much of a page as the examples of the documents use.

/** An element as far as the examples use one. @returns {any} */
export function fakeElement() {
  /** @type {any} */
  const element = { children: [] };
  element.replaceChildren = (/** @type {any[]} */ ...children) => (element.children = children);
  element.append = (/** @type {any[]} */ ...children) => element.children.push(...children);
  return element;
}

/**
 * A page with one element of each name that is asked for.
 *
 * @param {Record<string, any>} elements
 * @returns {Record<string, any>}
 */
export function fakePage(elements) {
  const document = {
    querySelector: (/** @type {string} */ name) => (elements[name] ??= {}),
    createElement: () => fakeElement(),
  };
  Object.assign(globalThis, { document });
  return elements;
}

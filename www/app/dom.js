// @ts-check
// Finds and creates elements.

/** @param {string} id @returns {any} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element ${id}.`);
  return found;
}

/**
 * @param {string} name
 * @param {Record<string, any>} [properties] attributes where they have a dash or are `role`, listeners where they are functions
 * @param {(Node | string | null | undefined)[]} children
 * @returns {any}
 */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else Object.assign(element, { [key]: value });
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets text only if it changed, to avoid layout. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

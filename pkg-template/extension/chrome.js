// @ts-check
// The extension API, `chrome` or `browser`.

/** @returns {any} */
export function chrome() {
  const { chrome, browser } = /** @type {any} */ (globalThis);
  const api = chrome?.runtime?.id ? chrome : browser;
  if (!api?.runtime?.id) throw new Error("comfyui-autoflow/extension works in an extension only: chrome.runtime is missing.");
  return api;
}

/**
 * One namespace of the API, which needs a permission in the manifest.
 *
 * @param {string} name
 * @param {string} permission
 */
export function part(name, permission) {
  const found = chrome()[name];
  if (!found) throw new Error(`chrome.${name} is missing: add "${permission}" to "permissions" in the manifest.`);
  return found;
}

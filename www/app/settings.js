// @ts-check
// What the user set: kept in the browser, but for the key, which lives as long as the tab.

const STORED = "comfyui-autoflow demo";
const KEY = "comfyui-autoflow demo key";
const DEFAULT_SERVER = "http://127.0.0.1:8188";
const DEFAULT_IDLE_TIMEOUT_S = 5;

/**
 * @typedef {object} Settings
 * @property {string} serverUrl
 * @property {string} apiKey
 * @property {number} idleTimeoutS
 * @property {boolean} previews
 * @property {boolean} newSeed a new seed with each run
 */

/** The server that the address of the page names is stronger than the one of last time. @returns {Settings} */
export function readSettings() {
  const named = new URL(location.href).searchParams.get("server");
  /** @type {Partial<Settings>} */
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(STORED) ?? "{}");
  } catch {
    // Unreadable or forbidden: the defaults do.
  }
  return {
    serverUrl: named || stored.serverUrl || DEFAULT_SERVER,
    apiKey: read(sessionStorage, KEY),
    idleTimeoutS: stored.idleTimeoutS ?? DEFAULT_IDLE_TIMEOUT_S,
    previews: stored.previews ?? true,
    newSeed: stored.newSeed ?? true,
  };
}

/** @param {Settings} settings */
export function saveSettings({ apiKey, ...stored }) {
  try {
    localStorage.setItem(STORED, JSON.stringify(stored));
    sessionStorage.setItem(KEY, apiKey);
  } catch {
    // Without storage they hold until the page is left.
  }
  // A reload must not go back to the server that the address named before.
  const url = new URL(location.href);
  if (url.searchParams.has("server") && url.searchParams.get("server") !== stored.serverUrl) {
    url.searchParams.delete("server");
    history.replaceState(null, "", url);
  }
}

/** How the package is to reach the server. @param {Settings} settings */
export function serverOptions({ serverUrl, apiKey }) {
  return { serverUrl, ...(apiKey ? { apiKey } : {}) };
}

/** @param {Storage} storage @param {string} key */
function read(storage, key) {
  try {
    return storage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

// @ts-check
// The user's settings, kept in the browser. Keys are kept by server and for the tab only.

const STORED = "comfyui-autoflow demo";
const KEYS = "comfyui-autoflow demo keys";
const DEFAULT_SERVER = "http://127.0.0.1:8188";
const DEFAULT_IDLE_TIMEOUT_S = 5;

/**
 * @typedef {object} Settings
 * @property {string} serverUrl
 * @property {string} apiKey of this server
 * @property {number} idleTimeoutS
 * @property {boolean} previews
 * @property {boolean} newSeed a new seed with each run
 */

/**
 * The stored settings. A server named by the page's own address replaces the stored one and gets no stored key: anybody
 * may have made that link.
 *
 * @returns {Settings}
 */
export function readSettings() {
  const named = new URL(location.href).searchParams.get("server");
  /** @type {Partial<Settings>} */
  const stored = read(localStorage, STORED);
  const serverUrl = named || stored.serverUrl || DEFAULT_SERVER;
  return {
    serverUrl,
    apiKey: named ? "" : keyOf(serverUrl),
    idleTimeoutS: stored.idleTimeoutS ?? DEFAULT_IDLE_TIMEOUT_S,
    previews: stored.previews ?? true,
    newSeed: stored.newSeed ?? true,
  };
}

/** Stores what the user saved; the page's address no longer names a server then. @param {Settings} settings */
export function saveSettings({ apiKey, ...stored }) {
  try {
    localStorage.setItem(STORED, JSON.stringify(stored));
    const keys = { ...read(sessionStorage, KEYS), [serverName(stored.serverUrl)]: apiKey };
    sessionStorage.setItem(KEYS, JSON.stringify(keys));
  } catch {
    // Without storage the settings last until the page is left.
  }
  const url = new URL(location.href);
  url.searchParams.delete("server");
  history.replaceState(null, "", url);
}

/** The key that was given for a server, or an empty string. @param {string} serverUrl */
export function keyOf(serverUrl) {
  const keys = read(sessionStorage, KEYS);
  const name = serverName(serverUrl);
  return Object.hasOwn(keys, name) ? String(keys[name]) : "";
}

/** Different spellings of an address are one server. @param {string} serverUrl */
function serverName(serverUrl) {
  return URL.canParse(serverUrl) ? new URL(serverUrl).href.replace(/\/+$/, "") : serverUrl;
}

/** Options of the package for this server. @param {Settings} settings */
export function serverOptions({ serverUrl, apiKey }) {
  return { serverUrl, ...(apiKey ? { apiKey } : {}) };
}

/** @param {Storage} storage @param {string} name @returns {Record<string, any>} */
function read(storage, name) {
  try {
    const value = JSON.parse(storage.getItem(name) ?? "{}");
    return value && typeof value === "object" ? value : {};
  } catch {
    // Unreadable or forbidden.
    return {};
  }
}

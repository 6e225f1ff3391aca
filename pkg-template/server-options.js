// @ts-check
// Options that name a server, merged with those of a client or a prompt.

/** Options that say how to reach a server. */
export const SERVER = ["serverUrl", "apiKey", "headers", "dialect", "fetch", "maxResponseBytes"];

/** Options that say how to follow a run. */
export const FOLLOW = ["clientId", "webSocket", "idleTimeoutMs", "pollIntervalMs", "pollQueue"];

/**
 * These names' values, where there are any.
 *
 * @param {any} options
 * @param {string[]} names
 */
export function pick(options, names) {
  const found = names.filter((name) => options?.[name] !== undefined && options[name] !== null);
  return Object.fromEntries(found.map((name) => [name, options[name]]));
}

/**
 * The options of a call, with defaults. A login is only used for the server that it was given for.
 *
 * @param {any} options
 * @param {any} own
 */
export function withOwn(options, own) {
  if (options === undefined || options === null) return own;
  // The call refuses a value that is not an object.
  if (typeof options !== "object" || Array.isArray(options)) return options;
  return isElsewhere(options, own) ? options : { ...own, ...pick(options, Object.keys(options)) };
}

/**
 * Whether a call names another server.
 *
 * @param {any} options
 * @param {any} own
 */
export function isElsewhere(options, own) {
  const url = options?.serverUrl;
  return url !== undefined && url !== null && trimmed(url) !== trimmed(own.serverUrl);
}

/** @param {unknown} url */
function trimmed(url) {
  return String(url).replace(/\/+$/, "");
}

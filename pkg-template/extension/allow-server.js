// @ts-check
// Reaching a ComfyUI with default flags, which answers 403 to whatever carries an Origin other than its own: a rule of
// the browser removes that header, from this extension's requests to that one server and from no others.
import { ComfyError } from "../boundary.js";
import { chrome, part } from "./chrome.js";

/** Ids from here on, so that an extension's own session rules are not overwritten. */
const FIRST_RULE_ID = 1_000_000;

/** Rules are read and written one after the other: two at once would take the same id. @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * The match patterns that stand for a server and nothing else: its pages and its socket.
 *
 * @param {string | URL} serverUrl
 */
export function serverOrigins(serverUrl) {
  const { protocol, host } = address(serverUrl);
  return [`${protocol}//${host}/*`, `${protocol.replace("http", "ws")}//${host}/*`];
}

/**
 * Asks the user for access to one server; browsers want a click before that.
 *
 * @param {string | URL} serverUrl
 * @returns {Promise<boolean>}
 */
export async function requestServer(serverUrl) {
  // Nothing may be awaited before: the click would be used up.
  return part("permissions", "permissions").request({ origins: serverOrigins(serverUrl) });
}

/**
 * @param {string | URL} serverUrl
 * @returns {Promise<() => Promise<void>>} removes the rule
 */
export async function allowServer(serverUrl) {
  const rules = part("declarativeNetRequest", "declarativeNetRequestWithHostAccess");
  const origins = serverOrigins(serverUrl);
  if (!(await chrome().permissions.contains({ origins }))) {
    throw new ComfyError(
      "forbidden_origin",
      `This extension may not reach ${new URL(serverUrl).origin} yet. Call requestServer() in a click of the user first, ` +
        `and list "optional_host_permissions" (or "host_permissions") that cover ${origins.join(" and ")}.`,
    );
  }
  const condition = conditionOf(serverUrl);
  return inTurn(async () => {
    /** @type {any[]} */
    const existing = await rules.getSessionRules();
    const same = existing.find((rule) => rule.condition.regexFilter === condition.regexFilter);
    const id = same?.id ?? Math.max(FIRST_RULE_ID - 1, ...existing.map((rule) => rule.id)) + 1;
    const action = { type: "modifyHeaders", requestHeaders: [{ header: "origin", operation: "remove" }] };
    await rules.updateSessionRules({ removeRuleIds: [id], addRules: [{ id, priority: 1, action, condition }] });
    return () => inTurn(() => rules.updateSessionRules({ removeRuleIds: [id] }));
  });
}

/**
 * Which requests the rule is for. `initiatorDomains` is what keeps every web page out of it: without that any page could
 * reach the server.
 *
 * @param {string | URL} serverUrl
 */
function conditionOf(serverUrl) {
  const { protocol, host } = address(serverUrl);
  const schemes = protocol === "https:" ? "(https|wss)" : "(http|ws)";
  return {
    regexFilter: `^${schemes}://${host.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/`,
    initiatorDomains: [chrome().runtime.id],
    resourceTypes: ["xmlhttprequest", "websocket", "image", "media", "other"],
  };
}

/** @param {string | URL} serverUrl */
function address(serverUrl) {
  const url = new URL(serverUrl);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new ComfyError("bad_input", `A server's address begins with http:// or https://, not ${url.protocol}`);
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(work) {
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}

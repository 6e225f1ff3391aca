// @ts-check
// Access to a ComfyUI with default flags, which answers 403 to foreign `Origin` headers: a declarativeNetRequest rule
// removes the header from this extension's requests to one server.
import { ComfyError } from "../boundary.js";
import { chrome, part } from "./chrome.js";

/** First rule id, high enough not to collide with an extension's own session rules. */
const FIRST_RULE_ID = 1_000_000;

/** Serialises changes of rules, as concurrent ones could choose the same id. @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Match patterns for one server: HTTP and WebSocket.
 *
 * @param {string | URL} serverUrl
 */
export function serverOrigins(serverUrl) {
  const { protocol, host } = address(serverUrl);
  return [`${protocol}//${host}/*`, `${protocol.replace("http", "ws")}//${host}/*`];
}

/**
 * Asks the user for access to one server. Needs a user gesture.
 *
 * @param {string | URL} serverUrl
 * @returns {Promise<boolean>}
 */
export async function requestServer(serverUrl) {
  // Nothing may be awaited before, or the user gesture is lost.
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
 * Condition of the rule. `initiatorDomains` limits it to this extension; without it every web page could reach the
 * server.
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

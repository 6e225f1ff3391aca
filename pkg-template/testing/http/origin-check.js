// @ts-check
// The origin check: with default flags a local server refuses pages of other origins, sockets included.
import { isIP } from "node:net";

/** @param {string} host */
function isLoopback(host) {
  const name = host.replace(/^\[|\]$/g, "");
  if (isIP(name) === 4) return name.startsWith("127.");
  return isIP(name) === 6 ? name === "::1" : name === "localhost" || name.endsWith(".localhost");
}

/** @param {string} text @returns {{netloc: string, hostname: string, port: string} | null} */
function authority(text) {
  const netloc = /^(?:[a-z][-+.a-z0-9]*:)?\/\/([^/?#]*)/i.exec(text)?.[1].toLowerCase();
  if (!netloc) return null;
  const [, hostname = "", port = ""] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(netloc) ?? [];
  return { netloc, hostname, port };
}

/**
 * Whether a request is refused with 403 and an empty body.
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {"old" | "new"} version new servers check Sec-Fetch-Site too
 */
export function isCrossOrigin(headers, version) {
  if (version === "new" && headers["sec-fetch-site"] === "cross-site") return true;
  const host = authority(`//${headers.host ?? ""}`);
  const origin = authority(headers.origin ?? "");
  if (!host || !origin || !isLoopback(host.hostname)) return false;
  // If one side has no port, only the host names are compared.
  const from = host.port === "" ? origin.hostname : origin.netloc;
  const to = origin.port === "" ? host.hostname : host.netloc;
  return from !== to;
}

/** Headers that `--enable-cors-header` adds to an answer. */
export const CORS_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "POST, GET, DELETE, PUT, OPTIONS, PATCH",
  "Access-Control-Allow-Headers": "Content-Type, Authorization",
  "Access-Control-Allow-Credentials": "true",
};

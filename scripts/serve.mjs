// @ts-check
// A small file server for pages: the demo, and the browser tests.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

/** @type {Record<string, string>} */
const MIME_TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
};

/**
 * Serves folders on a port of this machine.
 *
 * @param {Record<string, string>} folders what stands under which path; the longest that fits is taken
 * @param {{ port?: number }} [options] 0, the default, takes a free one
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve(folders, { port = 0 } = {}) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = http.createServer((request, response) => {
    const file = find(new URL(request.url ?? "/", "http://localhost").pathname);
    if (!file) {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
      return;
    }
    const type = MIME_TYPES[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
    fs.createReadStream(file).pipe(response);
  });

  /** @param {string} pathname */
  function find(pathname) {
    const prefix = prefixes.find((prefix) => pathname.startsWith(prefix));
    if (prefix === undefined) return undefined;
    const folder = path.resolve(folders[prefix]);
    const rest = decoded(pathname.slice(prefix.length));
    if (rest === undefined) return undefined;
    const file = path.join(folder, !rest || rest.endsWith("/") ? `${rest}index.html` : rest);
    const inside = file.startsWith(folder + path.sep);
    return inside && fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
  }

  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {string} text */
function decoded(text) {
  try {
    const path = decodeURIComponent(text);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

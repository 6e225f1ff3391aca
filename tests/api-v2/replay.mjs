// @ts-check
// Plays a recording of the proxy as a server: what it said then, it says again.
import fs from "node:fs";
import http from "node:http";

/**
 * @param {string} name of the recording
 * @param {object} [options]
 * @param {string} [options.token] what opens it
 * @param {number} [options.cutAfter] the first stream breaks off after so many parts
 * @param {(output: string) => string} [options.rewrite] changes what is said
 * @param {(request: http.IncomingMessage) => void} [options.onRequest]
 */
export async function replay(name, { token, cutAfter, rewrite = (text) => text, onRequest } = {}) {
  const file = new URL(`recordings/${name}.json`, import.meta.url);
  /** @type {import("./record.mjs").Recording} */
  const recording = JSON.parse(fs.readFileSync(file, "utf8"));
  /** Key by key, what came in. @type {(string | undefined)[]} */
  const keys = [];
  let streams = 0;
  let over = false;

  const answer = (/** @type {http.ServerResponse} */ response, /** @type {import("./record.mjs").Answer} */ said) => {
    const picture = said.type?.startsWith("image/");
    response.writeHead(said.status, { "content-type": said.type ?? "text/plain" });
    response.end(picture ? Buffer.from(said.body, "base64") : rewrite(said.body));
  };
  const server = http.createServer((request, response) => {
    const url = request.url ?? "";
    onRequest?.(request);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
    if (request.method === "POST" && url === "/api/v2/jobs") {
      keys.push(/** @type {string | undefined} */ (request.headers["idempotency-key"]));
      return answer(response, recording.submitted);
    }
    if (recording.uploaded && request.method === "POST") return answer(response, recording.uploaded);
    if (url.endsWith("/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const cut = ++streams === 1 ? cutAfter : undefined;
      for (const part of recording.stream.slice(0, cut)) response.write(rewrite(part));
      if (cut !== undefined) return setImmediate(() => response.destroy());
      over = true;
      return response.end();
    }
    if (recording.contents?.[url]) return answer(response, recording.contents[url]);
    if (url.startsWith("/api/v2/jobs/")) return answer(response, over ? recording.ended : recording.waiting);
    return response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    recording,
    keys,
    streams: () => streams,
    close: () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))),
  };
}

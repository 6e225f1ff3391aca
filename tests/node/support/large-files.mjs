// @ts-check
// A process that serves a run with one large file: `node large-files.mjs BYTES`, prints its port.
//   /view?…filename=whole.bin   all of it    half.bin   breaks off in the middle    stuck.bin   stops in the middle
import { once } from "node:events";
import http from "node:http";

const size = Number(process.argv[2]);
const part = Buffer.alloc(1 << 20, "comfy");

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  if (url.pathname.startsWith("/history/")) {
    const id = url.pathname.slice("/history/".length);
    const files = ["whole", "half", "stuck"].map((name) => ({ filename: `${name}.bin`, subfolder: "", type: "output" }));
    const outputs = { 9: { files } };
    return response.end(JSON.stringify({ [id]: { prompt: [], outputs, status: { status_str: "success", messages: [] } } }));
  }
  const name = url.searchParams.get("filename");
  const gone = once(response, "close");
  response.writeHead(200, { "content-length": size });
  for (let sent = 0; sent < size; sent += part.length) {
    if (name !== "whole.bin" && sent >= size / 2) return name === "half.bin" ? response.destroy() : undefined;
    if (!response.write(part)) await Promise.race([once(response, "drain"), gone]);
    if (response.destroyed) return;
  }
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
});

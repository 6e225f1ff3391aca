// @ts-check
// Accepts connections, applies faults, origin check and login, and passes requests to routes and sockets.
import { Buffer } from "node:buffer";
import { CORS_HEADERS, isCrossOrigin } from "./origin-check.js";
import { Request } from "./request.js";
import { HttpError, empty, notFound, serverError } from "./response.js";
import { matchRoute } from "./router.js";

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" +
  "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/** @typedef {import("./response.js").Answer} Answer */

export class HttpListener {
  /** @param {import("../simulator.js").Simulator} sim */
  constructor(sim) {
    this.sim = sim;
    /** @type {Set<import("node:net").Socket>} */
    this.sockets = new Set();
    /** @type {import("ws").WebSocketServer | null} */
    this.upgrades = null;
  }

  /** Loads `ws`, an optional peer dependency. */
  async prepare() {
    const { WebSocketServer } = await import("ws").catch((cause) => {
      throw new Error("The simulator needs the package ws: npm install --save-dev ws", { cause });
    });
    this.upgrades ??= new WebSocketServer({
      noServer: true,
      maxPayload: 4 * 1024 * 1024,
      perMessageDeflate: this.sim.compress ? { threshold: 0 } : false,
    });
  }

  /** @param {import("node:http").Server} server */
  serve(server) {
    server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => {});
    });
    server.on("request", (incoming, response) => void this.#answer(incoming, response));
    server.on("upgrade", (incoming, socket, head) => {
      this.#upgrade(incoming, /** @type {import("node:net").Socket} */ (socket), head);
    });
  }

  cut() {
    for (const socket of this.sockets) socket.destroy();
  }

  /** @param {import("node:http").IncomingMessage} incoming @param {import("node:http").ServerResponse} response */
  async #answer(incoming, response) {
    const { sim } = this;
    const request = new Request(incoming, sim.basePath);
    const handler = matchRoute(request, sim);
    try {
      await request.readBody(sim.maxUploadSize).catch((error) => {
        if (error instanceof HttpError) request.refused = error;
        else throw error;
      });
    } catch {
      return; // The client closed the connection while sending.
    }
    sim.recordRequest(request);
    const failure = sim.faults.requestFailure(request);
    if (failure !== null) return this.#fail(request, response, failure);
    let answer;
    try {
      answer = await this.#route(request, handler);
    } catch (error) {
      answer = (error instanceof HttpError ? error : serverError()).answer;
    }
    await sim.faults.beforeAnswer(request);
    this.#write(request, response, answer);
  }

  /** @param {Request} request @param {any} handler @returns {Promise<Answer>} */
  async #route(request, handler) {
    const { sim } = this;
    if (!sim.cors && isCrossOrigin(request.headers, sim.version)) return empty(403);
    const headers = sim.cors ? { ...CORS_HEADERS, ...sim.cloud?.corsHeaders } : {};
    if (request.method === "OPTIONS") return { ...empty(200), headers };
    const denied = sim.access?.denies(request);
    if (denied) return { ...denied, headers: { ...denied.headers, ...headers } };
    if (request.refused) throw request.refused;
    const answer = request.fullPath === null || !handler ? notFound() : await handler(request, sim);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }

  /** @param {Request} request @param {import("node:http").ServerResponse} response @param {Answer} answer */
  #write(request, response, { status, headers, body }) {
    request.note().status = status;
    response.writeHead(status, {
      ...headers,
      "Content-Length": Buffer.byteLength(body),
      Server: "Python/3.12 aiohttp",
    });
    response.end(request.method === "HEAD" ? undefined : body);
    this.sim.emit("answer", request.note());
  }

  /** @param {Request} request @param {import("node:http").ServerResponse} response @param {any} how */
  #fail(request, response, how) {
    if (how === "reset") {
      /** @type {import("node:net").Socket} */ (response.socket).resetAndDestroy();
      return;
    }
    if (how === "hang") return;
    if (how === "cut") {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 1000 });
      response.write('{"prompt_id": "');
      setImmediate(() => response.socket?.destroy());
      return;
    }
    if (how === "html") {
      const headers = { "Content-Type": "text/html" };
      return this.#write(request, response, { status: 502, headers, body: BAD_GATEWAY });
    }
    if (how === "garbage") {
      const headers = { "Content-Type": "application/json; charset=utf-8" };
      return this.#write(request, response, { status: 200, headers, body: "<not json>" });
    }
    const wanted = typeof how === "number" ? { status: how } : how;
    const text = { "Content-Type": "text/plain; charset=utf-8" };
    const { status = 500, headers = text, body = `${status}: simulated` } = wanted;
    const cors = this.sim.cors && status < 500 ? CORS_HEADERS : {};
    const written = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    this.#write(request, response, { status, headers: { ...headers, ...cors }, body: written });
  }

  /**
   * @param {import("node:http").IncomingMessage} incoming @param {import("node:net").Socket} socket
   * @param {Buffer} head
   */
  #upgrade(incoming, socket, head) {
    const { sim } = this;
    const request = new Request(incoming, sim.basePath);
    request.route = "GET /ws";
    sim.recordRequest(request);
    const clientId = request.query.get("clientId") ?? "";
    const refusal = sim.faults.refusal(clientId);
    if (refusal === "reset") return void socket.resetAndDestroy();
    if (refusal === "hang") return;
    if (refusal !== null) return this.#turnAway(request, socket, refusal);
    if (!sim.cors && isCrossOrigin(incoming.headers, sim.version)) return this.#turnAway(request, socket, 403);
    const denied = sim.access?.denies(request);
    if (denied) return this.#turnAway(request, socket, denied.status);
    if (request.fullPath === null || !["/ws", "/api/ws"].includes(request.fullPath))
      return this.#turnAway(request, socket, 404);
    const joined = sim.faults.joinsHandshake();
    if (joined) socket.cork();
    request.note().status = 101;
    this.upgrades?.handleUpgrade(incoming, socket, head, (ws) => sim.process.sockets.accept(ws, clientId, request.account));
    if (joined) setImmediate(() => socket.uncork());
  }

  /** @param {Request} request @param {import("node:net").Socket} socket @param {number} status */
  #turnAway(request, socket, status) {
    request.note().status = status;
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
}

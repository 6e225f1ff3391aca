// @ts-check
// Everything that a server's socket tells a client, of whichever prompt.
import { notify } from "./callbacks.js";
import { ComfyError } from "./comfy-error.js";
import { dataOf, nameOf } from "./event-maker.js";

/** The waits before a closed socket is opened again, in milliseconds. */
const WAITS = { first: 500, last: 30_000 };

/** The silence after which a socket that was opened again is replaced once, in milliseconds. */
const STALE_AFTER = 5_000;

/**
 * Listens until the returned function is called.
 *
 * @param {string} call who listens
 * @param {import("./client.js").ServerLink} link
 * @param {(event: any) => void} callback
 */
export function listenTo(call, link, callback) {
  const [, clientId] = link.describe();
  let attempt = 0;
  let wasOpen = false;
  let stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tell = (/** @type {string} */ type, /** @type {any} */ data, /** @type {any} */ raw = null) => {
    const prompt = data.prompt_id;
    notify(callback, {
      type,
      data,
      raw,
      ts: Date.now() / 1000,
      client_id: clientId,
      prompt_id: typeof prompt === "string" || typeof prompt === "number" ? String(prompt) : null,
    });
  };
  const connection = (/** @type {string} */ state, /** @type {string} */ reason) =>
    tell("connection", { state, reason, attempt });
  const later = (/** @type {number} */ wait, /** @type {() => void} */ act) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(act, wait);
  };
  const act = link.watch(call, (/** @type {string} */ kind, /** @type {any} */ data, /** @type {any} */ raw) => {
    if (stopped) return;
    switch (kind) {
      case "open":
        clearTimeout(timer);
        // ComfyUI may unregister a socket that came after a lost one: the next one works.
        if (wasOpen && attempt > 0) later(STALE_AFTER, () => act("replace"));
        attempt = 0;
        wasOpen = true;
        return connection("open", "the socket is open");
      // Impossible without the login: or the server is not there, and takes it without once it is.
      case "closed":
      case "impossible":
        attempt += 1;
        later(Math.min(WAITS.first * 2 ** (attempt - 1), WAITS.last), () => act("open"));
        return connection("reconnecting", data ?? (wasOpen ? "the socket closed" : "the socket could not be opened"));
      case "text": {
        const frame = JSON.parse(data);
        if (frame.type !== "status") clearTimeout(timer);
        return tell(nameOf(frame), dataOf(frame), frame);
      }
      default:
        clearTimeout(timer);
        return tell(kind, data, raw);
    }
  });
  if (!act) {
    const hint = { option: "webSocket", advice: "pass_web_socket" };
    const advice = "Pass one as the option webSocket, such as that of the package ws.";
    throw new ComfyError("unsupported", `${call} needs a WebSocket, and this runtime has none.`, { hint }, advice);
  }
  act("open");
  return () => {
    if (stopped) return;
    stopped = true;
    clearTimeout(timer);
    act("stop");
  };
}

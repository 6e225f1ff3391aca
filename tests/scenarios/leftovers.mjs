// @ts-check
// What the package leaves behind: timers that are set, sockets that are open, listeners on signals of the caller.
// Watched from before it is imported; what others set is told apart by who set it.

/** @type {Map<unknown, string>} */
const timers = new Map();
/** @type {Set<WebSocket>} */
const sockets = new Set();
/** @type {Map<unknown, string>} */
const listeners = new Map();

/** Where it was called from, if that was the package itself: what `fetch` and sockets do for themselves is theirs. */
function caller() {
  const [, , , setter, ...others] = (new Error().stack ?? "").split("\n");
  return /\b(client|converter)\.js/.test(setter ?? "") ? [setter, ...others].join("\n") : undefined;
}

/** Begins to watch. Before the package is imported, since it may keep what it finds then. */
export function watch() {
  const scope = /** @type {any} */ (globalThis);
  const { setTimeout: set, clearTimeout: clear, WebSocket: Socket, AbortSignal: Signal } = scope;
  scope.setTimeout = (/** @type {any} */ call, /** @type {any[]} */ ...rest) => {
    const by = caller();
    const timer = set(
      (/** @type {any[]} */ ...args) => {
        timers.delete(timer);
        call(...args);
      },
      ...rest,
    );
    if (by) timers.set(timer, by);
    return timer;
  };
  scope.clearTimeout = (/** @type {any} */ timer) => {
    timers.delete(timer);
    clear(timer);
  };
  if (Socket) {
    scope.WebSocket = class extends Socket {
      /** @param {string} url @param {any[]} rest */
      constructor(url, ...rest) {
        super(url, ...rest);
        if (caller()) sockets.add(/** @type {any} */ (this));
      }
    };
  }
  const { addEventListener: add, removeEventListener: remove } = Signal.prototype;
  Signal.prototype.addEventListener = function (/** @type {string} */ type, /** @type {any} */ call, /** @type {any} */ options) {
    const by = caller();
    if (by) listeners.set(call, by);
    return add.call(this, type, call, options);
  };
  Signal.prototype.removeEventListener = function (/** @type {string} */ type, /** @type {any} */ call, /** @type {any} */ options) {
    listeners.delete(call);
    return remove.call(this, type, call, options);
  };
}

/** What is left, in words. @returns {string[]} */
export function leftovers() {
  const open = [...sockets].filter((socket) => socket.readyState !== 3);
  return [
    ...[...timers.values()].map((by) => `a timer, set ${by}`),
    ...open.map((socket) => `a socket to ${socket.url}, in state ${socket.readyState}`),
    ...[...listeners.values()].map((by) => `a listener on a signal, added ${by}`),
  ];
}

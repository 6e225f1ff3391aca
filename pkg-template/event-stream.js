// @ts-check
// Events as an async iterator.

/**
 * @typedef {(onEvent: (event: any) => void, onEnd: (failure: unknown, isAbort: boolean) => void) => () => void} Listen
 *   begins to listen, and gives what stops it
 */

/**
 * The events from now on, until there are no more.
 *
 * @param {Listen} listen
 */
export function eventStream(listen) {
  /** @type {any[]} */
  const queue = [];
  let ended = false;
  /** @type {unknown} */
  let failure;
  let wake = () => {};
  const stop = listen(
    (event) => {
      queue.push(event);
      wake();
    },
    (reason, isAbort) => {
      // After an abort nothing more is delivered; after a failure the events before it come first.
      if (isAbort) queue.length = 0;
      [ended, failure] = [true, reason];
      wake();
    },
  );
  async function* events() {
    try {
      yield undefined;
      for (;;) {
        if (queue.length > 0) yield queue.shift();
        else if (failure !== undefined) throw failure;
        else if (ended) return;
        else await new Promise((resolve) => (wake = () => resolve(undefined)));
      }
    } finally {
      stop();
    }
  }
  const stream = events();
  // Runs up to the first yield, because a generator that was never started does not run its `finally`.
  void stream.next();
  // A `return()` waits for a `next()` before it, which waits for an event: that one ends too.
  const end = stream.return.bind(stream);
  stream.return = (value) => {
    queue.length = 0;
    ended = true;
    stop();
    wake();
    return end(value);
  };
  return stream;
}

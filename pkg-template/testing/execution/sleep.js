// @ts-check

/**
 * Waits. Leaves no timer and no listener behind.
 * @param {number} ms
 * @param {AbortSignal} signal rejects with the reason when it aborts
 * @param {AbortSignal} [hurry] ends the wait early when it aborts
 * @returns {Promise<void>}
 */
export async function sleep(ms, signal, hurry) {
  signal.throwIfAborted();
  if (ms <= 0 || hurry?.aborted) return;
  await new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      hurry?.removeEventListener("abort", done);
      resolve(undefined);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    hurry?.addEventListener("abort", done);
  });
  signal.throwIfAborted();
}

// @ts-check

/**
 * Waits, leaving no timer and no listener behind.
 * @param {number} ms
 * @param {AbortSignal} signal rejects with its reason when it fires
 * @param {AbortSignal} [hurry] ends the waiting when it fires
 * @returns {Promise<void>}
 */
export async function pause(ms, signal, hurry) {
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

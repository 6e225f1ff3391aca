// @ts-check
// The badge: progress of running jobs, or the outcome of the latest one.

const COLOURS = { running: "#4353d6", completed: "#1b7f4b", failed: "#b3261e", cancelled: "#8a5a00" };

export class Badge {
  #shown = "";

  /** @param {import("./stored.js").Job[]} jobs the latest first */
  show(jobs) {
    const going = jobs.filter(({ state }) => !["completed", "failed", "cancelled"].includes(state));
    const state = going.length ? "running" : (jobs[0]?.state ?? "");
    const progress = going.reduce((sum, job) => sum + job.progress, 0) / Math.max(1, going.length);
    /** @type {Record<string, string>} */
    const texts = { running: `${Math.floor(progress * 100)}`, completed: "✓", failed: "!", cancelled: "–" };
    const text = texts[state] ?? "";
    if (text === this.#shown) return;
    this.#shown = text;
    chrome.action.setBadgeText({ text });
    if (text) chrome.action.setBadgeBackgroundColor({ color: COLOURS[/** @type {keyof typeof COLOURS} */ (state)] });
  }
}

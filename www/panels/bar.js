// @ts-check
// Progress bar of the run with its text: running node, remaining time, queue position.
import { byId, write } from "../app/dom.js";

/** Minimum time between two announcements to screen readers. */
const ANNOUNCE_MS = 5000;

export class Bar {
  #bar = byId("bar");
  #announced = "";
  #announcedAt = 0;

  /** @param {import("../app/run.js").Run | null} run */
  draw(run) {
    const percent = Math.floor((run?.progress ?? 0) * 100);
    const { title, detail } = run?.describe() ?? { title: "Ready", detail: "" };
    this.#bar.dataset.state = run?.state ?? "idle";
    write(byId("bar-title"), title);
    write(byId("bar-detail"), detail);
    write(byId("bar-percent"), run ? `${percent} %` : "");
    write(byId("bar-nodes"), run ? nodes(run) : "");
    const trouble = byId("bar-trouble");
    trouble.hidden = !run?.trouble;
    write(trouble, run?.trouble ?? "");
    byId("progress").setAttribute("aria-valuenow", String(percent));
    byId("progress").setAttribute("aria-valuetext", `${title}, ${percent} percent`);
    byId("progress-fill").style.transform = `translateX(${(run?.progress ?? 0) * 100 - 100}%)`;
    document.title = run && !run.over ? `${percent} % ${title} – comfyui-autoflow` : "comfyui-autoflow";
    if (run) this.#announce(title, `${title} ${detail}${run.over ? "" : `, ${percent} percent`}`, run.over);
  }

  /** Announces a new state at once, details at most every few seconds. @param {string} title @param {string} text @param {boolean} over */
  #announce(title, text, over) {
    const now = Date.now();
    const changed = !this.#announced.startsWith(title);
    if (!changed && (over || now - this.#announcedAt < ANNOUNCE_MS)) return;
    this.#announced = text;
    this.#announcedAt = now;
    write(byId("announce"), text);
  }
}

/** @param {import("../app/run.js").Run} run */
function nodes({ last, flow, states }) {
  const total = last?.nodes_total.length || flow.ids.length;
  const { cached, unused, refused } = states.passedOver();
  const done = Math.min(last?.nodes_done.length ?? 0, total - refused);
  const counts = { cached, "not needed": unused, refused };
  const named = Object.entries(counts).flatMap(([word, count]) => (count ? `, ${count} ${word}` : ""));
  return `${done} of ${total} nodes${named.join("")}`;
}

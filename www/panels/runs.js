// @ts-check
// Runs of this session, newest first.
import { byId, make } from "../app/dom.js";
import { duration } from "../app/time-left.js";

export class RunList {
  #panel = byId("panel-runs");
  #drawn = "";
  /** @type {string[]} */
  #urls = [];

  /** @param {(run: import("../app/run.js").Run) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
  }

  /** @param {import("../app/run.js").Run[]} runs @param {import("../app/run.js").Run | null} shown */
  draw(runs, shown) {
    const state = runs.map((run) => `${run.number} ${run.state} ${run.results.length} ${run === shown}`).join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    if (!runs.length) {
      this.#panel.replaceChildren(make("p", { className: "empty" }, "The runs of this session are kept here."));
      return;
    }
    const focused = this.#panel.contains(document.activeElement) ? document.activeElement?.getAttribute("data-run") : null;
    this.#panel.replaceChildren(make("ol", { className: "rows", reversed: true }, ...runs.toReversed().map((run) => this.#row(run, shown))));
    if (focused) this.#panel.querySelector(`[data-run="${focused}"]`)?.focus();
  }

  /** @param {import("../app/run.js").Run} run @param {import("../app/run.js").Run | null} shown */
  #row(run, shown) {
    const picture = run.results.find((result) => result?.kind === "image" && result.blob)?.blob;
    const url = picture ? URL.createObjectURL(picture) : "";
    if (url) this.#urls.push(url);
    const { title } = run.describe();
    const when = run.startedAt.toLocaleTimeString();
    const took = run.over ? duration(run.seconds) : "";
    const button = make(
      "button",
      {
        type: "button",
        "data-state": run.over ? run.state : "running",
        "data-run": String(run.number),
        "aria-current": String(run === shown),
        click: () => this.onChoose(run),
      },
      make("span", { className: "mark", "aria-hidden": "true" }),
      make("span", { className: "grow" }, `${title} `, make("small", {}, `${run.flow.name}, ${when}`)),
      make("small", {}, took),
      url ? make("img", { src: url, alt: "" }) : null,
    );
    return make("li", {}, button);
  }
}

// @ts-check
// The event log. Only visible lines are in the DOM.
import { byId, make, write } from "../app/dom.js";
import { filtered, pretty, summary } from "../app/event-log.js";

const LINE_HEIGHT = 24;
const MARGIN = 6;

export class Log {
  #panel = byId("panel-events");
  #search = make("input", { type: "search", placeholder: "Filter: type or text", "aria-label": "Filter the events" });
  #steps = make("input", { type: "checkbox", checked: true });
  #rawToggle = make("input", { type: "checkbox" });
  #space = make("div", { role: "presentation" });
  #view = make("div", { className: "log", role: "listbox", tabIndex: 0, "aria-label": "Events" }, this.#space);
  #raw = make("pre", { className: "raw", tabIndex: 0, role: "region", "aria-label": "The event as JSON", hidden: true });
  /** @type {import("../app/run.js").Run | null} */
  #run = null;
  /** @type {import("comfyui-autoflow").ComfyEvent[]} */
  #events = [];
  /** @type {import("comfyui-autoflow").ComfyEvent | null} */
  #selected = null;
  #filteredFrom = "";
  /** Whether the view follows the end of the log. */
  #following = true;

  /** @param {() => void} draw */
  constructor(draw) {
    const changed = () => {
      this.#filteredFrom = "";
      draw();
    };
    this.#search.addEventListener("input", changed);
    this.#steps.addEventListener("change", changed);
    this.#rawToggle.addEventListener("change", draw);
    this.#view.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#view;
      this.#following = scrollTop + clientHeight >= scrollHeight - LINE_HEIGHT;
      draw();
    });
    this.#view.addEventListener("click", (/** @type {any} */ event) => {
      const line = event.target.closest(".log-line");
      if (line) this.#select(Number(line.dataset.at), draw);
    });
    this.#view.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const at = this.#selected ? this.#events.indexOf(this.#selected) : this.#events.length;
      const page = Math.floor(this.#view.clientHeight / LINE_HEIGHT);
      const to = /** @type {Record<string, number>} */ ({
        ArrowUp: at - 1,
        ArrowDown: at + 1,
        PageUp: at - page,
        PageDown: at + page,
        Home: 0,
        End: this.#events.length - 1,
      })[event.key];
      if (to === undefined || !this.#events.length) return;
      event.preventDefault();
      this.#select(Math.min(this.#events.length - 1, Math.max(0, to)), draw);
    });
    const tools = make(
      "div",
      { className: "log-tools" },
      this.#search,
      make("label", {}, this.#steps, "steps"),
      make("label", {}, this.#rawToggle, "raw"),
    );
    this.#panel.append(tools, this.#view, this.#raw);
  }

  /** @param {number} at @param {() => void} draw */
  #select(at, draw) {
    this.#selected = this.#events[at];
    this.#following = false;
    const top = at * LINE_HEIGHT;
    const { scrollTop, clientHeight } = this.#view;
    if (top < scrollTop) this.#view.scrollTop = top;
    else if (top + LINE_HEIGHT > scrollTop + clientHeight) this.#view.scrollTop = top + LINE_HEIGHT - clientHeight;
    draw();
  }

  /** @param {import("../app/run.js").Run | null} run */
  draw(run) {
    if (run !== this.#run) {
      this.#run = run;
      this.#selected = null;
      this.#following = true;
      this.#filteredFrom = "";
    }
    const from = `${run?.log.count}`;
    if (from !== this.#filteredFrom) {
      this.#filteredFrom = from;
      const hidden = this.#steps.checked ? new Set() : new Set(["progress", "progress_state", "preview", "status"]);
      this.#events = run ? filtered(run.log.events, this.#search.value, /** @type {Set<string>} */ (hidden)) : [];
    }
    this.#space.style.height = `${this.#events.length * LINE_HEIGHT}px`;
    if (this.#following) this.#view.scrollTop = this.#events.length * LINE_HEIGHT;
    const first = Math.max(0, Math.floor(this.#view.scrollTop / LINE_HEIGHT) - MARGIN);
    const last = Math.min(this.#events.length, first + Math.ceil(this.#view.clientHeight / LINE_HEIGHT) + 2 * MARGIN);
    const lines = [];
    for (let at = first; at < last; at += 1) lines.push(this.#line(at));
    this.#space.replaceChildren(...lines);
    const selected = lines.find((line) => line.getAttribute("aria-selected") === "true");
    if (selected) this.#view.setAttribute("aria-activedescendant", selected.id);
    else this.#view.removeAttribute("aria-activedescendant");
    this.#raw.hidden = !this.#selected;
    if (this.#selected) write(this.#raw, pretty(this.#rawToggle.checked ? this.#selected.raw : this.#selected));
  }

  /** @param {number} at */
  #line(at) {
    const event = this.#events[at];
    const line = make(
      "div",
      {
        className: "log-line",
        role: "option",
        id: `event-${at}`,
        "aria-selected": String(event === this.#selected),
        "aria-posinset": String(at + 1),
        "aria-setsize": String(this.#events.length),
        "data-at": String(at),
        "data-type": event.type,
      },
      make("time", {}, `${event.time_elapsed_s.toFixed(2)}`),
      make("b", {}, event.type),
      make("i", {}, summary(event).slice(0, 300)),
    );
    line.style.top = `${at * LINE_HEIGHT}px`;
    return line;
  }
}

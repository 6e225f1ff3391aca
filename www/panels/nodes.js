// @ts-check
// The list of nodes with their states, and the editable values of the selected one.
import { byId, make, write } from "../app/dom.js";

/** @typedef {import("../app/node-states.js").NodeState} NodeState */

export class NodeList {
  #panel = byId("panel-nodes");
  #inspector = make("section", { className: "inspector", "aria-label": "Values of the node", hidden: true });
  #list = make("ul", { className: "rows" });
  /** @type {import("../app/flow.js").Flow | null} */
  #flow = null;
  /** @type {Map<string, { button: HTMLButtonElement, side: HTMLElement, shown: string }>} */
  #rows = new Map();
  /** @type {string | null} */
  #selected = null;

  /**
   * @param {{ onSelect: (id: string) => void, onEdit: () => void, choices: (classType: string, input: string) => Promise<any[]> }} listeners
   */
  constructor(listeners) {
    this.listeners = listeners;
    this.#panel.append(this.#inspector, this.#list);
  }

  /** @param {import("../app/flow.js").Flow | null} flow @param {import("../app/run.js").Run | null} run */
  draw(flow, run) {
    if (flow !== this.#flow) this.#fill(flow);
    for (const [id, row] of this.#rows) {
      const state = run?.states.get(id);
      const text = state ? words(state) : "";
      const shown = `${state?.state} ${text}`;
      if (shown === row.shown) continue;
      row.shown = shown;
      row.button.dataset.state = state?.state ?? "waiting";
      write(row.side, text);
    }
  }

  /** @param {import("../app/flow.js").Flow | null} flow */
  #fill(flow) {
    this.#flow = flow;
    this.#rows.clear();
    this.#list.replaceChildren(
      ...(flow?.ids ?? []).map((id) => {
        const side = make("small");
        const button = make(
          "button",
          { type: "button", "aria-pressed": "false", click: () => this.listeners.onSelect(id) },
          make("span", { className: "mark", "aria-hidden": "true" }),
          make("span", { className: "grow" }, flow?.titleOf(id) ?? id, make("small", {}, `  ${id}`)),
          side,
        );
        this.#rows.set(id, { button, side, shown: "" });
        return make("li", {}, button);
      }),
    );
    this.select(null);
  }

  /** @param {string | null} id */
  select(id) {
    if (this.#selected) this.#rows.get(this.#selected)?.button.setAttribute("aria-pressed", "false");
    this.#selected = id;
    const row = id ? this.#rows.get(id) : undefined;
    row?.button.setAttribute("aria-pressed", "true");
    row?.button.scrollIntoView({ block: "nearest" });
    const flow = this.#flow;
    this.#inspector.hidden = !id || !flow?.prompt[id];
    if (!id || !flow?.prompt[id]) return;
    const fields = flow.valuesOf(id).map(([name, value]) => this.#field(flow, id, name, value));
    this.#inspector.replaceChildren(
      make("h2", {}, flow.titleOf(id)),
      make("p", { className: "muted" }, `${flow.prompt[id].class_type}, node ${id}`),
      ...(fields.length ? fields : [make("p", { className: "muted" }, "It has no values.")]),
    );
  }

  /** @param {import("../app/flow.js").Flow} flow @param {string} id @param {string} name @param {any} value */
  #field(flow, id, name, value) {
    const { type, options, choices } = flow.inputOf(id, name);
    const set = (/** @type {any} */ changed) => {
      flow.prompt[id].inputs[name] = changed;
      this.listeners.onEdit();
    };
    const element = control(type, options, choices, value, set);
    if (element instanceof HTMLSelectElement) {
      const ask = () => this.listeners.choices(flow.prompt[id].class_type, name);
      // What was asked for when the page was opened stays where the server does not answer.
      const refill = () => ask().then((fresh) => fill(element, fresh, flow.prompt[id].inputs[name], set), () => {});
      element.addEventListener("focus", refill, { once: true });
    }
    return make("label", {}, make("span", {}, name), element);
  }
}

/** @param {HTMLSelectElement} select @param {any[]} choices @param {any} value @param {(value: any) => void} set */
function fill(select, choices, value, set) {
  const all = choices.includes(value) ? choices : [value, ...choices];
  select.replaceChildren(...all.map((choice) => make("option", { value: String(choice), selected: choice === value }, String(choice))));
  select.onchange = () => set(all[select.selectedIndex]);
}

/**
 * @param {string | undefined} type @param {Record<string, any>} options @param {any[] | undefined} choices
 * @param {any} value @param {(value: any) => void} set
 */
function control(type, options, choices, value, set) {
  if (choices?.length) {
    const select = make("select");
    fill(select, choices, value, set);
    return select;
  }
  if (typeof value === "boolean") {
    return make("input", { type: "checkbox", checked: value, change: (/** @type {any} */ event) => set(event.target.checked) });
  }
  if (typeof value === "number") {
    const change = (/** @type {any} */ { target }) => {
      if (Number.isFinite(target.valueAsNumber)) set(target.valueAsNumber);
    };
    return make("input", { type: "number", value, step: type === "INT" ? 1 : "any", change });
  }
  if (typeof value === "string") {
    const name = options.multiline || value.length > 60 ? "textarea" : "input";
    return make(name, { value, spellcheck: false, input: (/** @type {any} */ event) => set(event.target.value) });
  }
  return make("input", { value: JSON.stringify(value), disabled: true });
}

/** @param {NodeState} state */
function words({ state, value, max, seconds, unused }) {
  if (state === "cached" && unused) return "not needed";
  if (state === "running" && max) return `${value} of ${max}`;
  if (state === "done" && seconds !== undefined) return `${seconds.toFixed(2)} s`;
  return state;
}

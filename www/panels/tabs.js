// @ts-check
// Tabs with the standard keyboard controls.
import { byId } from "../app/dom.js";

export class Tabs {
  /** @type {string} */
  shown = "results";

  /** @param {string[]} names @param {() => void} changed */
  constructor(names, changed) {
    this.names = names;
    this.changed = changed;
    for (const name of names) {
      const tab = byId(`tab-${name}`);
      tab.addEventListener("click", () => this.show(name));
      tab.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        const at = names.indexOf(name);
        const to = /** @type {Record<string, number>} */ ({
          ArrowRight: (at + 1) % names.length,
          ArrowLeft: (at + names.length - 1) % names.length,
          Home: 0,
          End: names.length - 1,
        })[event.key];
        if (to === undefined) return;
        event.preventDefault();
        this.show(names[to]);
        byId(`tab-${names[to]}`).focus();
      });
    }
  }

  /** @param {string} name */
  show(name) {
    this.shown = name;
    for (const each of this.names) {
      const tab = byId(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      byId(`panel-${each}`).hidden = each !== name;
    }
    this.changed();
  }
}

// @ts-check
// The notice over the graph: errors and warnings with their remedy.
import { byId, make } from "../app/dom.js";

export class Notice {
  #notice = byId("notice");

  /** @param {{ onNode: (id: string) => void, onSettings: () => void, titleOf: (id: string) => string }} listeners */
  constructor(listeners) {
    this.listeners = listeners;
  }

  hide() {
    this.#notice.hidden = true;
    this.#notice.replaceChildren();
  }

  /** @param {import("../app/explain.js").Explanation} explanation */
  show({ title, text, steps = [], command, nodes = [], packs = [], details, settings }) {
    const { onNode, onSettings, titleOf } = this.listeners;
    const complaints = nodes.map(({ node, text }) =>
      make(
        "li",
        {},
        make("button", { type: "button", className: "link", click: () => onNode(node) }, titleOf(node)),
        text ? `: ${text}` : "",
      ),
    );
    const parts = [
      make("h2", {}, title),
      make("button", { type: "button", className: "close", click: () => this.hide() }, "Close"),
      text ? make("p", {}, text) : null,
      command ? copyable(command) : null,
      complaints.length ? make("ul", {}, ...complaints) : null,
      packs.length ? make("dl", {}, ...packs.flatMap((pack) => this.#pack(pack))) : null,
      steps.length ? make("ul", {}, ...steps.map((step) => make("li", {}, step))) : null,
      details ? make("details", {}, make("summary", {}, "Traceback"), make("pre", { tabIndex: 0 }, details)) : null,
      settings ? make("p", {}, make("button", { type: "button", click: onSettings }, "Settings …")) : null,
    ];
    this.#notice.replaceChildren(...parts.filter(Boolean));
    this.#notice.hidden = false;
  }

  /** A pack and its node types, each of which leads to its first node. @param {NonNullable<import("../app/explain.js").Explanation["packs"]>[number]} pack */
  #pack({ pack, types }) {
    const { onNode } = this.listeners;
    const links = types.map(({ type, nodes }) =>
      make(
        "dd",
        {},
        nodes.length ? make("button", { type: "button", className: "link", click: () => onNode(nodes[0]) }, type) : type,
        nodes.length > 1 ? ` × ${nodes.length}` : "",
      ),
    );
    return [make("dt", {}, pack ?? "Pack unknown"), ...links];
  }
}

/** @param {string} command */
function copyable(command) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(command).then(
      () => (button.textContent = "Copied"),
      () => (button.textContent = "Select and copy it"),
    );
  });
  return make("p", { className: "command" }, make("code", {}, command), button);
}

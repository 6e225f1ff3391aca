// @ts-check
// Results of a run, and its latest preview while it runs.
import { byId, make } from "../app/dom.js";

/** @typedef {import("../app/run.js").Result} Result */

const EXTENSIONS = /** @type {Record<string, string>} */ ({ "text/plain": "txt" });

export class Gallery {
  #panel = byId("panel-results");
  #canvas = make("canvas", { role: "img", "aria-label": "Live preview" });
  #live = make("figure", { className: "live" }, this.#canvas, make("figcaption", {}, make("span", {}, "live preview")));
  #list = make("div", { className: "gallery" });
  #empty = make("p", { className: "empty" });
  #drawn = "";
  /** @type {string[]} */
  #urls = [];

  constructor() {
    this.#panel.append(this.#live, this.#list, this.#empty);
    const viewer = byId("viewer");
    byId("viewer-close").addEventListener("click", () => viewer.close());
    viewer.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === viewer && viewer.close());
  }

  /** @param {import("../app/run.js").Run | null} run */
  draw(run) {
    const results = run?.results.filter(Boolean) ?? [];
    const picture = run && !run.over ? run.latest : undefined;
    this.#live.hidden = !picture;
    if (picture) this.#paint(picture);
    this.#empty.hidden = Boolean(picture) || results.length > 0;
    this.#empty.textContent = !run || !run.over ? "What the run makes appears here." : "This run made nothing to show.";
    const state = `${run?.number} ${results.map(({ blob, text, failed }) => (failed ? 2 : blob || text !== undefined ? 1 : 0)).join("")}`;
    if (state === this.#drawn) return;
    this.#drawn = state;
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    this.#list.replaceChildren(...results.map((result) => this.#card(result)));
  }

  /** @param {ImageBitmap} picture */
  #paint(picture) {
    if (this.#canvas.width !== picture.width || this.#canvas.height !== picture.height) {
      this.#canvas.width = picture.width;
      this.#canvas.height = picture.height;
    }
    this.#canvas.getContext("2d").drawImage(picture, 0, 0);
  }

  /** @param {Result} result */
  #card(result) {
    const name = result.name || `text of node ${result.nodeId}`;
    const blob = result.blob ?? (result.text === undefined ? undefined : new Blob([result.text], { type: "text/plain" }));
    const url = blob ? this.#url(blob) : "";
    const file = result.name || `node-${result.nodeId}.${EXTENSIONS["text/plain"]}`;
    // A browser that opens the link instead of saving it must not show it as a document of this page.
    const saved = blob ? this.#url(new Blob([blob], { type: "application/octet-stream" })) : "";
    const link = { className: "button", href: saved, download: file, "aria-label": `Download ${name}` };
    const download = blob ? make("a", link, "Download") : null;
    return make(
      "figure",
      { className: `card ${result.text === undefined ? result.kind : "text"}` },
      this.#content(result, name, url, saved, file),
      make("figcaption", {}, make("span", { title: name }, name), download),
    );
  }

  /** @param {Blob} blob @returns {string} revoked when the results are drawn anew */
  #url(blob) {
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }

  /** @param {Result} result @param {string} name @param {string} url @param {string} saved @param {string} file */
  #content(result, name, url, saved, file) {
    if (result.text !== undefined) return make("pre", { tabIndex: 0 }, result.text);
    if (result.failed) return make("p", { className: "muted" }, "The server did not give this file.");
    if (!url) return null;
    switch (result.kind) {
      case "image": {
        const look = () => view(name, url, saved, file);
        const image = make("img", { src: url, alt: name, decoding: "async" });
        return make("button", { type: "button", className: "look", "aria-label": `Look at ${name}`, click: look }, image);
      }
      case "video":
        return make("video", { src: url, controls: true, loop: true, muted: true, "aria-label": name });
      case "audio":
        return make("audio", { src: url, controls: true, "aria-label": name });
      default:
        return null;
    }
  }
}

/** @param {string} name @param {string} url @param {string} saved @param {string} file */
function view(name, url, saved, file) {
  byId("viewer-title").textContent = name;
  Object.assign(byId("viewer-image"), { src: url, alt: name });
  Object.assign(byId("viewer-download"), { href: saved, download: file });
  byId("viewer").showModal();
}

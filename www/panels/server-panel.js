// @ts-check The queue and the history of the server, runs of all clients included. Asked only while it is shown.
import { byId, make } from "../app/dom.js";
import { duration } from "../app/time-left.js";

/** How many past runs are shown. */
const SHOWN = 12;

export class ServerPanel {
  #panel = byId("panel-server");
  #queue = make("ol", { className: "rows" });
  #history = make("ol", { className: "rows" });
  #note = make("p", { className: "empty", role: "status" });
  /** @type {import("comfyui-autoflow").ComfyClient | null} */
  #comfy = null;
  #stop = () => {};
  /** @type {Map<string, string>} addresses of pictures by prompt */
  #pictures = new Map();
  #looks = 0;

  constructor() {
    this.#panel.append(this.#note, make("h2", {}, "Queue"), this.#queue, make("h2", {}, "History"), this.#history);
  }

  /** Begins to show a server, or with null to show none. @param {import("../app/server.js").Server | null} server */
  follow(server) {
    try {
      const comfy = server?.comfy ?? null;
      if (comfy === this.#comfy) return;
      this.#stop();
      this.#stop = () => {};
      this.#comfy = comfy;
      for (const url of this.#pictures.values()) URL.revokeObjectURL(url);
      this.#pictures.clear();
      if (!comfy) return;
      void this.#look();
      this.#stop = comfy.listen(({ type, data }) => {
        if (type === "status" || (type === "connection" && data.state === "open")) void this.#look();
      });
    } catch (error) {
      this.#say(error);
    }
  }

  /** Asks for the queue and the history. The answer to an earlier question is not shown over that of a later one. */
  async #look() {
    const comfy = this.#comfy;
    const look = ++this.#looks;
    if (!comfy) return;
    try {
      const [{ running, pending }, runs] = await Promise.all([comfy.queue(), comfy.history({ limit: SHOWN })]);
      if (look !== this.#looks) return;
      this.#note.textContent = "";
      this.#fill(this.#queue, [...running, ...pending].map((prompt) => this.#queued(comfy, prompt)), "Nothing runs or waits.");
      this.#fill(this.#history, runs.map((run) => this.#past(run)), "No run has ended since the server was started.");
    } catch (error) {
      if (look === this.#looks) this.#say(error);
    }
  }

  /** @param {unknown} error */
  #say(error) {
    this.#queue.replaceChildren();
    this.#history.replaceChildren();
    this.#note.textContent = error instanceof Error ? error.message : String(error);
  }

  /** @param {HTMLElement} list @param {HTMLElement[]} rows @param {string} empty */
  #fill(list, rows, empty) {
    list.replaceChildren(...(rows.length ? rows : [make("li", { className: "empty" }, empty)]));
  }

  /** @param {import("comfyui-autoflow").ComfyClient} comfy @param {import("comfyui-autoflow").QueuedPrompt} prompt */
  #queued(comfy, { promptId, position, clientId }) {
    const who = clientId === comfy.clientId ? "this page" : "another client";
    const cancel = make("button", { type: "button", click: () => comfy.cancel(promptId).catch((error) => this.#say(error)) }, "Cancel");
    cancel.setAttribute("aria-label", `Cancel ${promptId}`);
    return make(
      "li",
      { className: "row", "data-state": position === 0 ? "running" : "waiting" },
      make("span", { className: "grow" }, position === 0 ? "running " : `waits at ${position} `, make("small", {}, who)),
      cancel,
    );
  }

  /** @param {import("comfyui-autoflow").PastRun} run */
  #past(run) {
    const { promptId, status, startedAt, endedAt, files } = run;
    const time = endedAt === null ? "" : new Date(endedAt * 1000).toLocaleTimeString();
    const took = startedAt === null || endedAt === null ? "" : duration(endedAt - startedAt);
    const picture = files.find(({ kind }) => kind === "image");
    const image = picture ? make("img", { alt: picture.filename, width: 40, height: 40 }) : null;
    if (picture) void this.#show(promptId, picture, image);
    const text = make("span", { className: "grow" }, `${status} `, make("small", {}, time));
    return make("li", { className: "row" }, text, make("small", {}, took), image);
  }

  /** @param {string} promptId @param {import("comfyui-autoflow").ResultFile} picture @param {HTMLImageElement} image */
  async #show(promptId, picture, image) {
    const comfy = this.#comfy;
    try {
      const url = this.#pictures.get(promptId) ?? URL.createObjectURL(await picture.blob());
      if (comfy !== this.#comfy) return URL.revokeObjectURL(url);
      this.#pictures.set(promptId, url);
      image.src = url;
    } catch {
      // A picture that was deleted leaves its name.
    }
  }
}

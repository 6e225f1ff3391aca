// @ts-check
// The settings dialog.
import { byId } from "../app/dom.js";
import { keyOf } from "../app/settings.js";

export class SettingsDialog {
  #dialog = byId("settings");
  #form = byId("settings-form");
  /** Whether the user typed a key since the dialog was opened. */
  #keyTyped = false;

  /** @param {(settings: import("../app/settings.js").Settings) => void} onSave */
  constructor(onSave) {
    const { serverUrl, apiKey } = this.#form.elements;
    apiKey.addEventListener("input", () => (this.#keyTyped = true));
    // A key stays with its server: another address shows the key that was given for that one.
    serverUrl.addEventListener("input", () => {
      if (!this.#keyTyped) apiKey.value = keyOf(this.#serverUrl);
    });
    this.#form.addEventListener("submit", () => {
      const { idleTimeoutS, previews, newSeed } = this.#form.elements;
      onSave({
        serverUrl: this.#serverUrl,
        apiKey: apiKey.value.trim(),
        idleTimeoutS: idleTimeoutS.valueAsNumber,
        previews: previews.checked,
        newSeed: newSeed.checked,
      });
    });
    byId("settings-cancel").addEventListener("click", () => this.#dialog.close());
  }

  get #serverUrl() {
    return this.#form.elements.serverUrl.value.trim().replace(/\/+$/, "");
  }

  /** @param {import("../app/settings.js").Settings} settings */
  open(settings) {
    const { serverUrl, apiKey, idleTimeoutS, previews, newSeed } = this.#form.elements;
    this.#keyTyped = false;
    serverUrl.value = settings.serverUrl;
    apiKey.value = settings.apiKey;
    idleTimeoutS.value = settings.idleTimeoutS;
    previews.checked = settings.previews;
    newSeed.checked = settings.newSeed;
    this.#dialog.showModal();
  }
}

// @ts-check
// The settings, in a dialog.
import { byId } from "../app/dom.js";

export class SettingsDialog {
  #dialog = byId("settings");
  #form = byId("settings-form");

  /** @param {(settings: import("../app/settings.js").Settings) => void} onSave */
  constructor(onSave) {
    this.#form.addEventListener("submit", () => {
      const { serverUrl, apiKey, idleTimeoutS, previews, newSeed } = this.#form.elements;
      onSave({
        serverUrl: serverUrl.value.trim().replace(/\/+$/, ""),
        apiKey: apiKey.value.trim(),
        idleTimeoutS: idleTimeoutS.valueAsNumber,
        previews: previews.checked,
        newSeed: newSeed.checked,
      });
    });
    byId("settings-cancel").addEventListener("click", () => this.#dialog.close());
  }

  /** @param {import("../app/settings.js").Settings} settings */
  open(settings) {
    const { serverUrl, apiKey, idleTimeoutS, previews, newSeed } = this.#form.elements;
    serverUrl.value = settings.serverUrl;
    apiKey.value = settings.apiKey;
    idleTimeoutS.value = settings.idleTimeoutS;
    previews.checked = settings.previews;
    newSeed.checked = settings.newSeed;
    this.#dialog.showModal();
  }
}

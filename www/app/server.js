// @ts-check
// The server of the settings and its node classes, which are fetched once.
import { readClasses } from "./node-classes.js";
import { serverOptions } from "./settings.js";

export class Server {
  /** @type {import("./node-classes.js").NodeClasses} */
  classes = new Map();
  /** @type {import("comfyui-autoflow/workflow").ObjectInfo | undefined} */
  objectInfo;
  /** @type {Promise<import("comfyui-autoflow/workflow").ObjectInfo> | undefined} */
  #asking;

  /** @param {import("./settings.js").Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.url = settings.serverUrl;
  }

  /** The object info; fetched again only after a failure. */
  async schema() {
    this.#asking ??= this.#ask();
    try {
      return await this.#asking;
    } catch (error) {
      this.#asking = undefined;
      throw error;
    }
  }

  async #ask() {
    const { serverUrl, apiKey } = serverOptions(this.settings);
    // Imported after the page was shown: the converter is as large as the rest.
    const { ObjectInfo } = await import("comfyui-autoflow/workflow");
    this.objectInfo = await ObjectInfo.fetch(serverUrl, apiKey ? { apiKey } : {});
    this.classes = readClasses(this.objectInfo.text);
    return this.objectInfo;
  }
}

// @ts-check
// The server of the settings: whether it answers, and the schema of its nodes, asked for once.
import { serverOptions } from "./settings.js";

export class Server {
  /** @type {Record<string, any>} */
  classes = {};
  /** @type {import("comfyui-autoflow/workflow").ObjectInfo | undefined} */
  objectInfo;
  /** @type {Promise<import("comfyui-autoflow/workflow").ObjectInfo> | undefined} */
  #asking;

  /** @param {import("./settings.js").Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.url = settings.serverUrl;
  }

  /** The schema; asked again only after a failure. */
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
    // Later than the page itself: it is as large again.
    const { ObjectInfo } = await import("comfyui-autoflow/workflow");
    this.objectInfo = await ObjectInfo.fetch(serverUrl, apiKey ? { apiKey } : {});
    this.classes = readClasses(this.objectInfo.text);
    return this.objectInfo;
  }
}

/** Titles and slots for drawing; servers may write numbers that JSON does not have. @param {string} text */
function readClasses(text) {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(/(?<=[[:,]\s*)(?:-?Infinity|NaN)\b/g, "null"));
    } catch {
      return {};
    }
  }
}

// @ts-check
// The server of the settings and its node classes, which are fetched once.
import { ComfyClient } from "comfyui-autoflow";
import { readClasses } from "./node-classes.js";
import { serverOptions } from "./settings.js";

export class Server {
  /** @type {import("./node-classes.js").NodeClasses} */
  classes = new Map();
  /** @type {import("comfyui-autoflow/workflow").ObjectInfo | undefined} */
  objectInfo;
  /** @type {Promise<import("comfyui-autoflow/workflow").ObjectInfo> | undefined} */
  #asking;

  /** @type {ComfyClient | undefined} */
  #comfy;

  /** The server as an object; throws where its address is wrong. */
  get comfy() {
    this.#comfy ??= new ComfyClient(serverOptions(this.settings));
    return this.#comfy;
  }

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

  /**
   * What a COMBO input offers now: models may have been added since the object info was asked for.
   *
   * @param {string} classType @param {string} input
   */
  choices(classType, input) {
    return this.comfy.choices(classType, input);
  }

  async #ask() {
    this.objectInfo = await this.comfy.objectInfo();
    this.classes = readClasses(this.objectInfo.text);
    return this.objectInfo;
  }
}

// @ts-check
import { assignOwn } from "./own-properties.js";

/** Why a call failed, for programs (`code`, `hint`) and for people (`message`). */
export class ComfyError extends Error {
  /** What happened, without the advice that the message ends with. */
  #summary;

  /**
   * @param {string} code
   * @param {string} summary what happened
   * @param {Record<string, unknown>} [details]
   * @param {string} [advice] what to do next, a sentence
   */
  constructor(code, summary, details, advice) {
    super(advice ? `${summary} ${advice}` : summary);
    this.#summary = summary;
    this.name = "ComfyError";
    this.code = code;
    assignOwn(this, details);
  }

  get summary() {
    return this.#summary;
  }

  toJSON() {
    return { .../** @type {object} */ (this), message: this.message };
  }
}

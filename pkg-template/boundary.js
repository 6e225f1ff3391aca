// @ts-check
// What the wasm needs from JavaScript and cannot make itself.

/** Why a call failed, for programs (`code`) and for people (`message`). */
export class ComfyError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, unknown>} [details]
   */
  constructor(code, message, details) {
    super(message);
    this.name = "ComfyError";
    this.code = code;
    Object.assign(this, details);
  }
}

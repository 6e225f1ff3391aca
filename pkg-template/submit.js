// @ts-check
// `submit` of a prompt or an `ApiFlow`.
import { ApiFlow, submit as submitPrompt } from "./client.js";
import { submitFlow } from "./api-flow.js";

/**
 * @param {any} prompt
 * @param {any} [options]
 * @returns {Promise<any>}
 */
export function submit(prompt, options) {
  return prompt instanceof ApiFlow ? submitFlow(prompt, options) : submitPrompt(prompt, options);
}

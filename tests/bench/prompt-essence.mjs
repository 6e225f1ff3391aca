// @ts-check
// What two prompts have to have in common.

/** @param {Record<string, { class_type: string, inputs: object }>} prompt */
export function essence(prompt) {
  return Object.fromEntries(Object.entries(prompt).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));
}

// @ts-check
// Every file of scenarios.
export const files = ["bad-input.mjs", "main-job.mjs"];

/** Imports them all, which declares their scenarios. */
export async function load() {
  for (const file of files) await import(`./${file}`);
}

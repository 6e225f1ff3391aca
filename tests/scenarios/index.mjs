// @ts-check
// Every file of scenarios.
export const files = [
  "a-pool.mjs",
  "a-server.mjs",
  "bad-input.mjs",
  "cancelling.mjs",
  "digits.mjs",
  "ends-by-history.mjs",
  "errors.mjs",
  "events.mjs",
  "in-the-middle.mjs",
  "logins.mjs",
  "main-job.mjs",
  "many-at-once.mjs",
  "objects.mjs",
  "options.mjs",
  "peers.mjs",
  "picking-up.mjs",
  "previews.mjs",
  "printing.mjs",
  "reconnecting.mjs",
  "results.mjs",
  "unanswered.mjs",
  "uploads.mjs",
];

/** Imports them all, which declares their scenarios. */
export async function load() {
  for (const file of files) await import(`./${file}`);
}

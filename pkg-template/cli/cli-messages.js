// @ts-check
// Advice of errors in flags and variables, where the library names options.

/** By the code of the hint. @type {Record<string, string | ((error: any) => string)>} */
const ADVICE = {
  allow_unknown: "Install the custom nodes they come from, or pass --allow-unknown to go on without them.",
  check_address: "Check --server-url.",
  check_key: "Check AUTOFLOW_API_KEY.",
  choose_extension: "End --filepattern in .{ext}, or leave it out.",
  overwrite: "Choose another name, or pass --overwrite.",
  pass_key: "Set AUTOFLOW_API_KEY.",
  pass_login: "Put a login into the server URL: AUTOFLOW_COMFYUI_SERVER_URL=http://USER:PASSWORD@HOST.",
  pass_object_info: "Pass --object-info-path FILE, or --server-url URL, whose server is then asked.",
  pick_up: ({ promptId }) => `Its id there is ${promptId}.`,
  separate_pattern: "--save-images takes a folder; the name of the files goes into --filepattern.",
  use_http: "Begin --server-url with http://.",
  use_https: "If it is served over https, begin --server-url with https://.",
};

/**
 * The message of an error for the command line: what happened, and what to do in flags where the hint is known.
 *
 * @param {any} error
 * @returns {string}
 */
export function messageOf(error) {
  const advice = ADVICE[error?.hint?.advice];
  if (advice === undefined) return String(error?.message ?? error);
  return `${error.summary} ${typeof advice === "string" ? advice : advice(error)}`;
}

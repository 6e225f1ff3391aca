// @ts-check
// The library's messages name its calls and options; whoever types a command has flags and variables instead.

/** @type {[string | RegExp, string][]} */
const WORDS = [
  ["or overwrite: true", "or --overwrite"],
  ["pass objectInfo (what GET /object_info answers) or serverUrl", "--object-info-path FILE or --server-url URL"],
  ["or pass allowUnknown: true", "or --allow-unknown"],
  ['or choose extension: "content"', "or leave --filepattern out"],
  [
    /^With a pattern of its own the target is the folder, and `(.*)` ends like a file; .*$/,
    "--save-images takes a folder, and $1 is called like a file; its name goes into --filepattern.",
  ],
  ["Pass apiKey, headers, or a login in the server URL", "Set AUTOFLOW_API_KEY, or put a login into the server URL"],
  ["Check apiKey or headers", "Check AUTOFLOW_API_KEY"],
  [/Pick it up again with Submission\.fromPromptId\(("[^"]*").*?\), or cancel it there/, "It is $1 there"],
  [/Submission\.fromPromptId\(("[^"]*").*?\) tells/, "it would be $1 there"],
];

/**
 * A message in the words of the command line.
 *
 * @param {string} message
 */
export function inFlags(message) {
  return WORDS.reduce((text, [library, flags]) => text.replace(library, flags), message);
}

// @ts-check
// One call of the command line, from its arguments to its exit code.
import { readArguments, UsageError } from "./arguments.js";
import { messageOf } from "./cli-messages.js";
import { convertInputs, downloadObjectInfo } from "./convert.js";
import { HELP } from "./help.js";
import { withFolders } from "./inputs.js";
import { InputError } from "./load.js";
import { SUBCOMMANDS } from "./subcommand-names.js";
import { runSubcommand } from "./subcommands.js";
import { submitInputs } from "./submit.js";
import { say } from "./terminal.js";
import { version } from "./version.js";

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;
/** One Ctrl-C can arrive twice within this time: from the terminal, and passed on by the process that started this one. */
const ECHO_MS = 500;
/** SIGHUP: the terminal was closed. */
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Runs the command and sets the exit code. Does not end the process: an interrupted run is first cancelled on the
 * server.
 *
 * @param {string[]} argv
 */
export async function main(argv) {
  const interrupt = new AbortController();
  let first = 0;
  const onInterrupt = () => {
    // A second Ctrl-C does not wait for the server.
    if (interrupt.signal.aborted && performance.now() - first > ECHO_MS) process.exit(INTERRUPTED);
    if (!interrupt.signal.aborted) first = performance.now();
    interrupt.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onInterrupt);
  // The reader of a pipe may leave (`head`, a closed terminal). As with other programs, that ends the command without a
  // message.
  let left = false;
  let isFull = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "EPIPE" || code === "EIO") {
        left = true;
      } else if (!isFull) {
        isFull = true;
        if (stream === process.stdout) say(`standard output cannot be written: ${error.message}`);
      }
      if (isFull) process.exitCode = FAILED;
      interrupt.abort();
    });
  }
  try {
    const code = await run(argv, interrupt.signal);
    process.exitCode = isFull ? FAILED : code;
  } catch (error) {
    if (isFull) process.exitCode = FAILED;
    else process.exitCode = interrupt.signal.aborted ? INTERRUPTED : report(error);
    if (interrupt.signal.aborted && !left && !isFull) say("interrupted");
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt);
  }
}

/**
 * @param {string[]} argv
 * @param {AbortSignal} signal
 */
async function run(argv, signal) {
  const [word, ...rest] = argv;
  if (SUBCOMMANDS.includes(word)) return (await runSubcommand(word, rest, signal)) ? DONE : FAILED;
  const args = readArguments(argv);
  if (!args.help && !args.version) args.inputs = await withFolders(args.inputs);
  if (args.help) process.stdout.write(HELP);
  else if (args.version) process.stdout.write(`${version()}\n`);
  else if (args.downloadPath !== undefined) await downloadObjectInfo(args, args.downloadPath, signal);
  else if (args.submit) return (await submitInputs(args, signal)) ? DONE : FAILED;
  else await convertInputs(args, signal);
  return DONE;
}

/**
 * @param {any} error
 * @returns {number} the exit code
 */
function report(error) {
  if (error instanceof UsageError) {
    say(`${error.message}\nTry npx comfyui-autoflow --help.`);
    return WRONG_USAGE;
  }
  const ofInput = error instanceof InputError;
  const failure = ofInput ? error.cause : error;
  say(`${ofInput ? `${error.message}: ` : ""}${messageOf(failure)}`);
  // A wrong argument is found before anything is sent.
  return failure?.code === "bad_input" || failure?.code === "no_server" ? WRONG_USAGE : FAILED;
}

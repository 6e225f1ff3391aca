// @ts-check
// Reads the inputs of the command line as prompts.
import { ComfyError, Workflow } from "../node-file.js";
import { readInput, readObjectInfo, readStandardInput } from "./inputs.js";
import { apiKey } from "./server.js";
import { say } from "./terminal.js";

/** @typedef {import("./arguments.js").Arguments} Arguments */

/** The failure of one of several inputs. The message is the name of the input, the cause its error. */
export class InputError extends Error {}

/**
 * Reads all inputs, with the schema read once for all of them.
 *
 * @param {Arguments} args
 * @param {AbortSignal} signal
 */
export async function load(args, signal) {
  const objectInfo = args.objectInfoPath === undefined ? undefined : await readObjectInfo(args.objectInfoPath);
  const [server] = args.serverUrls;
  const { allowUnknown } = args;
  const options = { objectInfo, serverUrl: server, apiKey: apiKey(), allowUnknown, signal };
  const flows = [];
  for (const input of args.inputs) {
    const source = input === "-" ? await readStandardInput() : await readInput(input);
    const api = await Workflow.load(source, options).catch((error) => {
      throw args.inputs.length > 1 && error instanceof ComfyError ? new InputError(input, { cause: error }) : error;
    });
    for (const { node, input: name, message, pack } of api.warnings) {
      say(`node ${node}${name ? `, ${name}` : ""}${pack ? ` (${pack})` : ""}: ${message}`);
    }
    for (const { node, class_type, reason } of api.dropped) {
      if (reason === "unknown type") say(`node ${node} (${class_type}) is left out: its type is unknown`);
    }
    flows.push(api);
  }
  return flows;
}

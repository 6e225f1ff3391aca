import type { AwaitedObject, ChosenValue, ConversionWarning, ConvertOptions, DroppedNode, ServerOptions } from "./index.js";
import type { ObjectInfoJson, Prompt, WorkflowJson } from "./wire.js";

export * from "./index.js";

/** The schema of a server's nodes, parsed once and used again. */
export class ObjectInfo {
  private constructor();
  /** From saved JSON, as object or text. */
  static from(json: ObjectInfoJson | AwaitedObject | string): ObjectInfo;
  /** Asks a server (`GET /object_info`); without an address the one of `AUTOFLOW_COMFYUI_SERVER_URL`. */
  static fetch(serverUrl?: string | URL | null, options?: Omit<ServerOptions, "serverUrl"> | null): Promise<ObjectInfo>;
  /** The server's answer as it came, to be saved and read again. */
  readonly text: string;
}

/** What a conversion gives. */
export interface Conversion {
  prompt: Prompt;
  /** What may surprise. */
  warnings: ConversionWarning[];
  /** Every node of the workflow that is not in the prompt, with its reason. */
  dropped: DroppedNode[];
  /** What was decided on the way, in the order of the prompt; the same for the same `random`. */
  chosen: ChosenValue[];
}

/**
 * Makes the prompt of a workflow that the editor saved, as its "Export (API)" does.
 *
 * @throws {ComfyError} `conversion`, or `bad_input` when it is no workflow
 */
export function convert(
  workflow: WorkflowJson | AwaitedObject | string,
  objectInfo: ObjectInfo | ObjectInfoJson | AwaitedObject | string,
  options?: ConvertOptions | null,
): Conversion;

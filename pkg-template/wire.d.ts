// What ComfyUI itself takes and answers, as far as it is known; what a server adds is kept.

/** Where an input comes from: the id of a node, and which of its outputs. */
export type Link = [nodeId: string, output: number];

/** One node of a {@link Prompt}. */
export interface PromptNode {
  class_type: string;
  /** Values, and links to other nodes' outputs. */
  inputs: Record<string, any>;
  _meta?: { title?: string; [key: string]: unknown };
}

/** The API form of a workflow, which `POST /prompt` takes: nodes by id. */
export type Prompt = Record<string, PromptNode>;

/** The editor's form of a workflow, as it saves it. */
export interface WorkflowJson {
  nodes: unknown[];
  links?: unknown[];
  [key: string]: unknown;
}

/** What `GET /object_info` answers: the schema of every node class. */
export type ObjectInfoJson = Record<string, unknown>;

/** A file that a node made, as the server names it. */
export interface OutputFile {
  filename: string;
  subfolder: string;
  /** The server's folder: `"output"`, `"temp"` or `"input"`. */
  type: string;
  [key: string]: unknown;
}

/** What a file of a run is, by its name and by what the node listed it under. */
export type OutputKind = "image" | "video" | "audio" | "text" | "3d" | "latent" | "file";

/** What one node showed: lists of files or texts, by kind. */
export interface NodeOutput {
  images?: OutputFile[];
  gifs?: OutputFile[];
  audio?: OutputFile[];
  video?: OutputFile[];
  text?: string[];
  [kind: string]: unknown;
}

/** What a run showed, by node id. */
export type Outputs = Record<string, NodeOutput>;

/** One complaint of the server about a prompt or an input. */
export interface ValidationError {
  /** For programs, such as `"required_input_missing"`. */
  type: string;
  message: string;
  details: string;
  extra_info?: Record<string, unknown>;
}

/** What the server found wrong with nodes, by node id. Outputs that depend on such a node do not run. */
export type NodeErrors = Record<
  string,
  { errors: ValidationError[]; dependent_outputs: string[]; class_type: string; [key: string]: unknown }
>;

/** How a run ended, as `GET /history/{id}` has it. */
export interface HistoryStatus {
  status_str: "success" | "error" | (string & {});
  completed: boolean;
  /** The frames of the run: `[type, data]`. */
  messages: [type: string, data: Record<string, unknown>][];
}

/** A finished run in `GET /history/{id}`. */
export interface HistoryItem {
  /** `[number, prompt id, prompt, extra data, ids of the output nodes]` */
  prompt?: [number, string, Prompt, Record<string, unknown>, string[], ...unknown[]];
  outputs?: Outputs;
  status?: HistoryStatus | null;
  meta?: Record<string, unknown>;
  [key: string]: unknown;
}

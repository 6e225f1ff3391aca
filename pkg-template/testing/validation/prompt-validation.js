// @ts-check
// Validation of a prompt in `POST /prompt`, with the error shapes and texts of 0.3.64 and 0.33.0 (recordings: invalid,
// unknown_node, no_outputs, partial_validation, partly_refused).
import { validateValue } from "./input-validation.js";
import { repr, str } from "../python/values.js";

const TRACEBACK = ["Traceback (most recent call last): (left out by the simulator)\n"];

/**
 * @typedef {{type: string, message: string, details: string, extra_info: any}} Problem
 * @typedef {{valid: boolean, problems: Problem[]}} Verdict
 * @typedef {{error: Problem | null, outputs: string[], nodeErrors: Map<string, any>}} Validation
 */

/** Types that match every other one. */
const ANY_TYPE = ["*", "COMFY_MATCHTYPE_V3"];

/** A Python exception by type and message. */
class PythonException extends Error {
  /** @param {string} type @param {string} message */
  constructor(type, message) {
    super(message);
    this.type = type;
  }
}

/**
 * @param {Map<string, any>} prompt values are converted in place, as in ComfyUI
 * @param {object} context
 * @param {Record<string, import("../nodes/index.js").NodeDefinition>} context.nodes
 * @param {"old" | "new"} context.version
 * @param {string[] | null} context.targets
 * @param {(outputs: string[]) => string[]} context.outputOrder
 * @param {any} context.sim
 * @returns {Validation}
 */
export function validatePrompt(prompt, context) {
  const refusal = (/** @type {Problem} */ error) => ({ error, outputs: [], nodeErrors: new Map() });
  const outputs = [];
  for (const [id, node] of prompt) {
    const missing = missingNode(id, node, context);
    if (missing) return refusal(missing);
    const wanted = context.targets === null || context.targets.includes(id);
    if (context.nodes[node.get("class_type")].output_node && wanted) outputs.push(id);
  }
  if (outputs.length === 0) {
    return refusal({ type: "prompt_no_outputs", message: "Prompt has no outputs", details: "", extra_info: {} });
  }

  /** @type {Map<string, Verdict>} */
  const verdicts = new Map();
  /** @type {Map<string, any>} */
  const nodeErrors = new Map();
  const good = [];
  /** @type {Problem[]} */
  const reasons = [];
  for (const output of context.outputOrder(outputs)) {
    let verdict;
    try {
      verdict = validateNode(output, prompt, context, verdicts, []);
    } catch (error) {
      verdict = { valid: false, problems: [duringValidation("exception_during_validation", error)] };
      verdicts.set(output, verdict);
    }
    if (verdict.valid) {
      good.push(output);
      continue;
    }
    reasons.push(...verdict.problems);
    // A node that is invalid only because of an ancestor has no error and is not listed.
    for (const [id, { valid, problems }] of verdicts) {
      if (valid || problems.length === 0) continue;
      const entry = nodeErrors.get(id) ?? {
        errors: problems,
        dependent_outputs: [],
        class_type: prompt.get(id)?.get("class_type"),
      };
      nodeErrors.set(id, entry);
      entry.dependent_outputs.push(output);
    }
  }
  if (good.length > 0) return { error: null, outputs: good, nodeErrors };
  return {
    error: {
      type: "prompt_outputs_failed_validation",
      message: "Prompt outputs failed validation",
      details: reasons.map((reason) => `${reason.message}: ${reason.details}`).join("\n"),
      extra_info: {},
    },
    outputs: [],
    nodeErrors,
  };
}

/**
 * @param {string} id @param {any} node
 * @param {{nodes: Record<string, any>, version: string}} context
 * @returns {Problem | null}
 */
function missingNode(id, node, { nodes, version }) {
  const classType = node instanceof Map ? node.get("class_type") : undefined;
  if (typeof classType === "string" && Object.hasOwn(nodes, classType)) return null;
  const named = node instanceof Map && node.has("class_type");
  const details = `Node ID '#${id}'`;
  if (version === "old") {
    const message = named
      ? `Cannot execute because node ${str(classType)} does not exist.`
      : "Cannot execute because a node is missing the class_type property.";
    return { type: "invalid_prompt", message, details, extra_info: {} };
  }
  const meta = node instanceof Map ? node.get("_meta") : undefined;
  const title = (meta instanceof Map ? meta.get("title") : undefined) ?? (named ? classType : null);
  const message = named
    ? `Node '${str(title)}' not found. The custom node may not be installed.`
    : `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`;
  return {
    type: "missing_node_type",
    message,
    details,
    extra_info: { node_id: id, class_type: named ? classType : null, node_title: title },
  };
}

/** @param {string} type @param {unknown} error @param {any} [more] @returns {Problem} */
function duringValidation(type, error, more = {}) {
  const raised = error instanceof PythonException ? error : new PythonException("Exception", String(error));
  const inner = type === "exception_during_inner_validation";
  return {
    type,
    message: inner ? "Exception when validating inner node" : "Exception when validating node",
    details: raised.message,
    extra_info: {
      ...more,
      ...(inner ? { exception_message: raised.message } : {}),
      exception_type: raised.type,
      traceback: TRACEBACK,
    },
  };
}

/** @param {Map<string, any>} prompt @param {any} id */
function nodeAt(prompt, id) {
  const node = prompt.get(id);
  if (node === undefined) throw new PythonException("KeyError", repr(id));
  return node;
}

/**
 * @param {string} id @param {Map<string, any>} prompt @param {any} context
 * @param {Map<string, Verdict>} verdicts @param {string[]} visiting
 * @returns {Verdict}
 */
function validateNode(id, prompt, context, verdicts, visiting) {
  const known = verdicts.get(id);
  if (known) return known;
  const node = nodeAt(prompt, id);
  if (visiting.includes(id)) return cycle(id, prompt, context, verdicts, visiting);
  const definition = context.nodes[node.get("class_type")];
  const inputs = node.get("inputs");
  if (!(inputs instanceof Map)) throw new PythonException("KeyError", "'inputs'");

  /** @type {Problem[]} */
  const problems = [];
  let valid = true;
  for (const category of ["required", "optional"]) {
    for (const [name, config] of Object.entries(definition.input?.[category] ?? {})) {
      if (!inputs.has(name)) {
        if (category === "required") problems.push(missingInput(name));
        continue;
      }
      const value = inputs.get(name);
      if (Array.isArray(value)) {
        const linked = validateLink(name, value, config, { id, prompt, context, verdicts, visiting });
        if (linked === "invalid") valid = false;
        else if (linked) problems.push(linked);
      } else {
        const problem = validateValue(name, config, inputs, definition, context.sim);
        if (problem) problems.push(problem);
      }
    }
  }
  // A cycle found among the ancestors may have stored an error here.
  const earlier = verdicts.get(id);
  const verdict = {
    valid: valid && problems.length === 0 && (earlier?.valid ?? true),
    problems: [...(earlier?.problems ?? []), ...problems],
  };
  verdicts.set(id, verdict);
  return verdict;
}

/** @param {string} name @returns {Problem} */
function missingInput(name) {
  return {
    type: "required_input_missing",
    message: "Required input is missing",
    details: name,
    extra_info: { input_name: name },
  };
}

/**
 * @param {string} id @param {Map<string, any>} prompt @param {any} context
 * @param {Map<string, Verdict>} verdicts @param {string[]} visiting
 * @returns {Verdict}
 */
function cycle(id, prompt, context, verdicts, visiting) {
  // Old servers exceed Python's recursion limit instead of detecting the cycle.
  if (context.version === "old") throw new PythonException("RecursionError", "maximum recursion depth exceeded");
  const path = [...visiting.slice(visiting.indexOf(id)), id];
  const nodes = [...new Set(path)];
  const details = path.map((other) => `${other} (${prompt.get(other)?.get("class_type")})`).join(" -> ");
  for (const other of nodes) {
    verdicts.set(other, {
      valid: false,
      problems: [
        {
          type: "dependency_cycle",
          message: "Dependency cycle detected",
          details,
          extra_info: { node_id: other, cycle_nodes: nodes },
        },
      ],
    });
  }
  return /** @type {Verdict} */ (verdicts.get(id));
}

/**
 * @param {string} name @param {any[]} link @param {any} config @param {any} at
 * @returns {Problem | "invalid" | null}
 */
function validateLink(name, link, config, { id, prompt, context, verdicts, visiting }) {
  const info = { input_name: name, input_config: [config[0], config[1] ?? {}] };
  if (link.length !== 2) {
    return {
      type: "bad_linked_input",
      message: "Bad linked input, must be a length-2 list of [node_id, slot_index]",
      details: name,
      extra_info: { ...info, received_value: link },
    };
  }
  const [from, slot] = link;
  const types = context.nodes[nodeAt(prompt, from).get("class_type")].output ?? [];
  const received = types[Number(slot)];
  if (received === undefined) throw new PythonException("IndexError", "tuple index out of range");
  if (!typesMatch(received, config[0])) {
    const wanted = Array.isArray(config[0]) ? repr(config[0]) : config[0];
    return {
      type: "return_type_mismatch",
      message: "Return type mismatch between linked nodes",
      details: `${name}, received_type(${str(received)}) mismatch input_type(${wanted})`,
      extra_info: { ...info, received_type: received, linked_node: link },
    };
  }
  try {
    return validateNode(from, prompt, context, verdicts, [...visiting, id]).valid ? null : "invalid";
  } catch (error) {
    const problem = duringValidation("exception_during_inner_validation", error, { ...info, linked_node: link });
    verdicts.set(from, { valid: false, problems: [problem] });
    return "invalid";
  }
}

/** @param {any} received @param {any} wanted */
function typesMatch(received, wanted) {
  if (ANY_TYPE.includes(received) || ANY_TYPE.includes(wanted)) return true;
  if (Array.isArray(wanted)) return Array.isArray(received) || received === "COMBO";
  if (Array.isArray(received)) return wanted === "COMBO";
  const offered = String(received).split(",");
  return String(wanted)
    .split(",")
    .some((type) => offered.includes(type));
}

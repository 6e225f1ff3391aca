// @ts-check
// An endless sequence of frames of prompts that this client did not submit, as on an account-wide socket.
import { randomUUID } from "node:crypto";

/**
 * @param {string} [promptId] default: a new id for each run
 * @returns {() => import("../sockets/socket-registry.js").Frame}
 */
export function otherPromptFrames(promptId) {
  /** @type {import("../sockets/socket-registry.js").Frame[]} */
  let frames = [];
  return () => {
    if (frames.length === 0) frames = oneRun(promptId ?? randomUUID());
    return /** @type {import("../sockets/socket-registry.js").Frame} */ (frames.shift());
  };
}

/** @param {string} id @returns {import("../sockets/socket-registry.js").Frame[]} */
function oneRun(id) {
  const timestamp = Date.now();
  const state = { value: 1, max: 4, state: "running", node_id: "1", prompt_id: id };
  return [
    { type: "execution_start", data: { prompt_id: id, timestamp } },
    { type: "execution_cached", data: { nodes: ["1", "2", "3", "4"], prompt_id: id, timestamp } },
    { type: "executing", data: { node: "1", display_node: "1", prompt_id: id } },
    {
      type: "progress_state",
      data: {
        prompt_id: id,
        nodes: { 1: { ...state, display_node_id: "1", parent_node_id: null, real_node_id: "1" } },
      },
    },
    { type: "progress", data: { value: 1, max: 4, prompt_id: id, node: "1" } },
    { type: "executed", data: { node: "1", display_node: "1", output: { text: ["not yours"] }, prompt_id: id } },
    {
      type: "execution_error",
      data: {
        prompt_id: id,
        node_id: "1",
        node_type: "SaveImage",
        executed: [],
        exception_message: "not yours\n",
        exception_type: "RuntimeError",
        traceback: [],
        current_inputs: {},
        current_outputs: [],
        timestamp,
      },
    },
    { type: "execution_interrupted", data: { prompt_id: id, node_id: "1", node_type: "X", executed: [], timestamp } },
    { type: "execution_success", data: { prompt_id: id, timestamp } },
    { type: "executing", data: { node: null, prompt_id: id } },
  ];
}

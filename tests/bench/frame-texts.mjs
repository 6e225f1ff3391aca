// @ts-check
// Frames of a run as ComfyUI writes them, of a prompt whose nodes are "0", "1", …: node "0" runs.

/** @param {string} id of the prompt @param {number} _nodes @param {number} value of the node that runs */
export function progress(id, _nodes, value) {
  return `{"type": "progress", "data": {"value": ${value}, "max": 1000000, "prompt_id": "${id}", "node": "0"}}`;
}

/**
 * The whole snapshot: one node runs, all others are done.
 *
 * @param {string} id of the prompt
 * @param {number} nodes
 * @param {number} value of the node that runs
 */
export function progressState(id, nodes, value) {
  const states = Array.from({ length: nodes }, (_, at) => {
    const [done, max, state] = at === 0 ? [value, 1_000_000, "running"] : [1, 1, "finished"];
    const ids = `"node_id": "${at}", "prompt_id": "${id}", "display_node_id": "${at}", "parent_node_id": null, "real_node_id": "${at}"`;
    return `"${at}": {"value": ${done}, "max": ${max}, "state": "${state}", ${ids}}`;
  });
  return `{"type": "progress_state", "data": {"prompt_id": "${id}", "nodes": {${states.join(", ")}}}}`;
}

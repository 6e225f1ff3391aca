// @ts-check
// Logic nodes. Their inputs are lazy: a branch that is not chosen does not run.

/** @type {Record<string, import("./index.js").NodeDefinition>} */
export const logicNodes = {
  ComfySwitchNode: {
    input: { required: { switch: ["BOOLEAN", {}], on_false: branch(), on_true: branch() } },
    output: ["COMFY_MATCHTYPE_V3"],
    output_name: ["output"],
    output_matchtypes: ["switch"],
    display_name: "If/Else Switch",
    python_module: "comfy_extras.nodes_logic",
    category: "utilities/logic",
    experimental: true,
    search_aliases: ["if", "then", "switch", "conditional", "branch"],
    check_lazy_status: (inputs) => [chosen(inputs)].filter((name) => inputs[name] === undefined),
    run: ({ inputs }) => [inputs[chosen(inputs)]],
  },
};

function branch() {
  return ["COMFY_MATCHTYPE_V3", { lazy: true, template: { template_id: "switch", allowed_types: "*" } }];
}

/** @param {Record<string, any>} inputs */
function chosen(inputs) {
  return inputs.switch ? "on_true" : "on_false";
}

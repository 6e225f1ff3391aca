// @ts-check
// The entry of a node class in `GET /object_info`.

/**
 * @param {string} name
 * @param {import("./index.js").NodeDefinition} definition
 * @param {import("../simulator.js").Simulator} sim
 */
export function nodeInfo(name, definition, sim) {
  const isNew = sim.version === "new";
  const node = isNew ? definition : { ...definition, ...definition.old };
  const output = node.output ?? [];
  /** @type {[string, Record<string, any>][]} */
  const inputs = Object.entries(node.input ?? {}).map(([category, members]) => [category, members ?? {}]);
  const described = inputs.map(([category, members]) => [
    category,
    Object.fromEntries(Object.entries(members).map(([input, config]) => [input, describe(config, node, input, sim)])),
  ]);
  return {
    input: Object.fromEntries(described),
    input_order: Object.fromEntries(inputs.map(([category, members]) => [category, Object.keys(members)])),
    is_input_list: false,
    output,
    output_is_list: node.output_is_list ?? output.map(() => false),
    output_name: node.output_name ?? output,
    output_matchtypes: node.output_matchtypes,
    name,
    display_name: node.display_name ?? name,
    description: node.description ?? "",
    python_module: node.python_module ?? "custom_nodes.simulator",
    category: node.category ?? "simulator",
    output_node: Boolean(node.output_node),
    experimental: node.experimental,
    ...(isNew ? { has_intermediate_output: false } : {}),
    output_tooltips: node.output_tooltips,
    ...(isNew ? { search_aliases: node.search_aliases ?? [], essentials_category: node.essentials_category } : {}),
  };
}

/**
 * Fills in choices that depend on the server's folders.
 * @param {any} config @param {import("./index.js").NodeDefinition} node @param {string} input @param {any} sim
 */
function describe(config, node, input, sim) {
  const choices = node.choices?.[input];
  return choices && Array.isArray(config) ? [choices(sim), ...config.slice(1)] : config;
}

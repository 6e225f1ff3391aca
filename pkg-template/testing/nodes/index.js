// @ts-check
// The built-in node classes.
import { imageNodes } from "./images.js";
import { loaderNodes } from "./loaders.js";
import { logicNodes } from "./logic.js";
import { samplingNodes } from "./sampling.js";
import { textNodes } from "./text.js";

/**
 * An input as in `/object_info`: a type or a list of choices, then its options.
 * @typedef {[string | any[], Record<string, any>?]} InputConfig
 *
 * @typedef {object} NodeDefinition
 * @property {{required?: Record<string, any>, optional?: Record<string, any>, hidden?: Record<string, any>,
 *   [category: string]: Record<string, any> | undefined}} [input]
 * @property {string[]} [output]
 * @property {string[]} [output_name]
 * @property {boolean[]} [output_is_list]
 * @property {string[]} [output_tooltips]
 * @property {boolean} [output_node]
 * @property {string} [category]
 * @property {string} [display_name]
 * @property {string} [description]
 * @property {string} [python_module]
 * @property {string[]} [search_aliases]
 * @property {Record<string, (sim: any) => any[]>} [choices] choices that depend on the server's folders
 * @property {Record<string, (value: any, sim: any) => true | string>} [validate] replaces the general checks of an
 *   input; a string is the error
 * @property {(inputs: Map<string, any>) => any} [is_changed] value that becomes part of the cache key
 * @property {(inputs: Record<string, any>) => string[]} [check_lazy_status] names of the lazy inputs (option `lazy`)
 *   that the node needs; inputs without a value yet are undefined
 * @property {string[]} [output_matchtypes]
 * @property {string} [essentials_category]
 * @property {boolean} [experimental]
 * @property {Partial<NodeDefinition>} [old] what differs in `/object_info` of version `old`
 * @property {boolean} [hidden_unique_id] the node id is part of the cache key
 * @property {(context: import("../execution/node-context.js").NodeContext) => any} [run]
 */

/** @type {Record<string, NodeDefinition>} */
export const builtInNodes = { ...loaderNodes, ...samplingNodes, ...imageNodes, ...textNodes, ...logicNodes };

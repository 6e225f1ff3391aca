// @ts-check
// The nodes a simulated server knows.
import { imageNodes } from "./images.js";
import { loaderNodes } from "./loaders.js";
import { samplingNodes } from "./sampling.js";
import { textNodes } from "./text.js";

/**
 * One input as `/object_info` writes it: a type or a list of choices, then its options.
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
 * @property {Record<string, (sim: any) => any[]>} [choices] lists that depend on the server's folders
 * @property {Record<string, (value: any, sim: any) => true | string>} [validate] takes the place of the general
 *   checks of an input; a text says what is wrong
 * @property {(inputs: Map<string, any>) => any} [is_changed] part of what a kept result is found by
 * @property {boolean} [hidden_unique_id] results are not shared between nodes of other ids
 * @property {(context: import("../node-context.js").NodeContext) => any} [run]
 */

/** @type {Record<string, NodeDefinition>} */
export const builtInNodes = { ...loaderNodes, ...samplingNodes, ...imageNodes, ...textNodes };

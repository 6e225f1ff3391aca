// @ts-check
// Nodes for primitive values and text.
import { Buffer } from "node:buffer";
import { dumps } from "../python/json.js";
import { str } from "../python/values.js";

const MOST = 9223372036854775807n;

/** @param {string} type @param {any} options @param {string} title */
function primitive(type, options, title) {
  /** @type {import("./index.js").NodeDefinition} */
  const node = {
    input: { required: { value: [type, options] } },
    output: [type],
    display_name: title,
    python_module: "comfy_extras.nodes_primitive",
    category: "utils/primitive",
    run: ({ inputs }) => [inputs.value],
  };
  return node;
}

/** @type {Record<string, import("./index.js").NodeDefinition>} */
export const textNodes = {
  PrimitiveInt: primitive("INT", { min: -MOST, max: MOST, control_after_generate: true }, "Int"),
  PrimitiveFloat: primitive("FLOAT", { min: -MOST, max: MOST, step: 0.1 }, "Float"),
  PrimitiveBoolean: primitive("BOOLEAN", {}, "Boolean"),
  PrimitiveString: primitive("STRING", { multiline: false }, "String"),
  PrimitiveStringMultiline: primitive("STRING", { multiline: true }, "String (Multiline)"),
  StringConcatenate: {
    input: {
      required: {
        string_a: ["STRING", { multiline: true }],
        string_b: ["STRING", { multiline: true }],
        delimiter: ["STRING", { default: "", multiline: false }],
      },
    },
    output: ["STRING"],
    display_name: "Concatenate",
    python_module: "comfy_extras.nodes_string",
    category: "utils/string",
    run: ({ inputs }) => [inputs.string_a + inputs.delimiter + inputs.string_b],
  },
  PreviewAny: {
    input: { required: { source: ["*", {}] } },
    output: [],
    output_node: true,
    display_name: "Preview as Text",
    description: "Preview any input value as text.",
    python_module: "comfy_extras.nodes_preview_any",
    category: "utils",
    run: ({ inputs }) => ({ ui: { text: [show(inputs.source)] } }),
  },
  SaveText: {
    input: {
      required: {
        text: ["STRING", { forceInput: true, multiline: false }],
        filename_prefix: ["STRING", { default: "ComfyUI", multiline: false }],
        format: ["COMBO", { default: "txt", multiselect: false, options: ["txt", "csv", "md", "json"] }],
      },
      hidden: { prompt: ["PROMPT"], extra_pnginfo: ["EXTRA_PNGINFO"] },
    },
    output: ["STRING"],
    output_name: ["text"],
    output_node: true,
    display_name: "Save Text",
    description: "Save text content to a file in the output directory.",
    python_module: "comfy_extras.nodes_text",
    category: "text",
    run(context) {
      const { text, filename_prefix: prefix, format } = context.inputs;
      const file = context.save("output", prefix, format, Buffer.from(text));
      return { ui: { text: [text], files: [file] }, result: [text] };
    },
  },
};

/** @param {any} value */
function show(value) {
  if (value === null || ["string", "number", "boolean", "bigint"].includes(typeof value)) return str(value);
  if (Array.isArray(value) && value[0]?.width) return `${value.length} × ${value[0].width} × ${value[0].height}`;
  return dumps(value);
}

// @ts-check
// Example workflows.
import textToImage from "../../examples/text-to-image.workflow.json" with { type: "json" };
import upscale from "../../examples/upscale-in-a-subgraph.workflow.json" with { type: "json" };
import prompt from "../../examples/text-to-image.json" with { type: "json" };

/** @type {{ name: string, file: string, content: unknown }[]} */
export const examples = [
  { name: "Text to image", file: "text-to-image.workflow.json", content: textToImage },
  { name: "Two passes, in a subgraph", file: "upscale-in-a-subgraph.workflow.json", content: upscale },
  { name: "A prompt without a layout", file: "text-to-image.json", content: prompt },
];

// @ts-check
// Test nodes, those of the recordings: progress with previews, an exception, silence, text.
import { Float } from "../json.js";
import { emptyPicture } from "../picture.js";

/** @param {number} size @param {number} seed */
function noise(size, seed) {
  const picture = emptyPicture(size, size, 3);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < picture.data.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    picture.data[index] = state >>> 8;
  }
  return picture;
}

/** @type {Record<string, import("./index.js").NodeDefinition>} */
export const labNodes = {
  LabProgress: {
    input: {
      required: {
        steps: ["INT", { default: 5, min: 1, max: 100000 }],
        delay_ms: ["INT", { default: 20, min: 0, max: 100000 }],
        preview: ["BOOLEAN", { default: true }],
        size: ["INT", { default: 32, min: 1, max: 4096 }],
        seed: ["INT", { default: 0, min: 0, max: 18446744073709551615n }],
      },
    },
    output: ["IMAGE"],
    category: "lab",
    async run(context) {
      const { steps, delay_ms: delay, preview, size, seed } = context.inputs;
      const picture = noise(size, Number(BigInt(seed) & 0xffffffffn));
      for (let step = 1; step <= steps; step += 1) {
        await context.sleep(delay);
        await context.progress(step, steps, preview ? picture : undefined);
      }
      return [[picture]];
    },
  },
  LabFail: {
    input: { required: { image: ["IMAGE"], message: ["STRING", { default: "boom" }] } },
    output: ["IMAGE"],
    category: "lab",
    run({ inputs }) {
      throw Object.assign(new Error(inputs.message), { name: "ValueError" });
    },
  },
  LabSilent: {
    input: {
      required: {
        image: ["IMAGE"],
        seconds: ["FLOAT", { default: new Float(7), min: new Float(0), max: new Float(3600) }],
        seed: ["INT", { default: 0, min: 0, max: 18446744073709551615n }],
      },
    },
    output: ["IMAGE"],
    category: "lab",
    async run(context) {
      await context.sleep(context.inputs.seconds * 1000);
      return [context.inputs.image];
    },
  },
  LabText: {
    input: { required: { text: ["STRING", { default: "" }] } },
    output: ["STRING"],
    output_node: true,
    category: "lab",
    run: ({ inputs }) => ({ ui: { text: [inputs.text] }, result: [inputs.text] }),
  },
  LabExpand: {
    input: { required: { steps: ["INT", { default: 3, min: 1, max: 1000 }], size: ["INT", { default: 32 }] } },
    output: ["IMAGE"],
    category: "lab",
    description: "Puts two other nodes in its place while it runs.",
    run(context) {
      const { steps, size } = context.inputs;
      const [first, second] = [context.innerId(1), context.innerId(2)];
      const inputs = { steps, delay_ms: 0, preview: true, size, seed: 1 };
      return {
        expand: {
          [first]: { class_type: "LabProgress", inputs },
          [second]: { class_type: "ImageInvert", inputs: { image: [first, 0] } },
        },
        result: [[second, 0]],
      };
    },
  },
  LabBlock: {
    input: { required: { image: ["IMAGE"], message: ["STRING", { default: "" }] } },
    output: ["IMAGE"],
    category: "lab",
    description: "Stops what is behind it; the prompt still succeeds.",
    run: (context) => [context.block(context.inputs.message || null)],
  },
  LabProgressText: {
    input: { required: { image: ["IMAGE"], text: ["STRING", { default: "working" }] } },
    output: ["IMAGE"],
    category: "lab",
    description: "Shows a text while it runs, in a binary frame that everyone gets.",
    run(context) {
      context.text(context.inputs.text);
      return [context.inputs.image];
    },
  },
};

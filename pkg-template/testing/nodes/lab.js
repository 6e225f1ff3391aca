// @ts-check
// Test nodes, the ones of the recordings: progress with previews, exceptions, silence, text, lazy inputs, expansion.
import { Float } from "../python/json.js";
import { combine, emptyPicture } from "../images/image-operations.js";

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
      optional: { image: ["IMAGE"] },
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
    input: {
      required: {
        count: ["INT", { default: 2, min: 1, max: 20 }],
        seed: ["INT", { default: 0, min: 0, max: 18446744073709551615n }],
      },
    },
    output: ["IMAGE"],
    category: "lab",
    description: "Expands into samplers with a saver each.",
    run(context) {
      const { count, seed } = context.inputs;
      const expand = /** @type {Record<string, any>} */ ({});
      let last = "";
      for (let index = 0; index < count; index += 1) {
        last = context.innerId(2 * index + 1);
        const inputs = { steps: 5, delay_ms: 60, preview: true, size: 32, seed: BigInt(seed) + BigInt(index) };
        expand[last] = { class_type: "LabProgress", inputs };
        const images = [last, 0];
        const saver = context.innerId(2 * index + 2);
        expand[saver] = { class_type: "SaveImage", inputs: { images, filename_prefix: "inner" } };
      }
      return { expand, result: [[last, 0]] };
    },
  },
  LabLazyMix: {
    input: {
      required: {
        image1: ["IMAGE", { lazy: true }],
        image2: ["IMAGE", { lazy: true }],
        amount: ["FLOAT", { default: 0.5, min: new Float(0), max: new Float(1) }],
      },
    },
    output: ["IMAGE"],
    category: "lab",
    description: "Blends two images and asks for its inputs one by one.",
    check_lazy_status({ image1, image2, amount }) {
      if (image1 === undefined && amount < 1) return ["image1"];
      return image2 === undefined && amount > 0 ? ["image2"] : [];
    },
    run({ inputs: { image1, image2, amount } }) {
      if (!image1 || !image2) return [image1 ?? image2];
      return [[combine(image1[0], image2[0], (a, b) => a * (1 - amount) + b * amount)]];
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

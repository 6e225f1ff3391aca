// @ts-check
// Loader nodes. Model loaders accept every name, as there are no models; images come from the input folder.
import { Float } from "../python/json.js";
import { alphaOf, withoutAlpha } from "../images/image-operations.js";
import { decodePng } from "../images/png.js";

/** @typedef {import("./index.js").NodeDefinition} NodeDefinition */

const anyName = () => /** @type {const} */ (true);

/** @param {any} value @param {any} sim */
function imageExists(value, sim) {
  return sim.files.readAnnotated(String(value)) ? true : `Invalid image file: ${value}`;
}

/** @param {any} sim */
function inputImages(sim) {
  return sim.files.list("input");
}

/** @type {Record<string, NodeDefinition>} */
export const loaderNodes = {
  CheckpointLoaderSimple: {
    input: { required: { ckpt_name: [[], { tooltip: "The name of the checkpoint (model) to load." }] } },
    output: ["MODEL", "CLIP", "VAE"],
    output_tooltips: [
      "The model used for denoising latents.",
      "The CLIP model used for encoding text prompts.",
      "The VAE model used for encoding and decoding images to and from latent space.",
    ],
    display_name: "Load Checkpoint",
    description: "Loads a diffusion model checkpoint, diffusion models are used to denoise latents.",
    python_module: "nodes",
    category: "loaders",
    choices: { ckpt_name: (sim) => sim.modelNames("checkpoints") },
    validate: { ckpt_name: anyName },
    run: ({ inputs }) => [
      { model: inputs.ckpt_name, loras: [] },
      { clip: inputs.ckpt_name },
      { vae: inputs.ckpt_name },
    ],
  },
  VAELoader: {
    input: { required: { vae_name: [[]] } },
    output: ["VAE"],
    display_name: "Load VAE",
    python_module: "nodes",
    category: "loaders",
    choices: { vae_name: (sim) => [...sim.modelNames("vae"), "pixel_space"] },
    validate: { vae_name: anyName },
    run: ({ inputs }) => [{ vae: inputs.vae_name }],
  },
  LoraLoader: {
    input: {
      required: {
        model: ["MODEL", { tooltip: "The diffusion model the LoRA will be applied to." }],
        clip: ["CLIP", { tooltip: "The CLIP model the LoRA will be applied to." }],
        lora_name: [[], { tooltip: "The name of the LoRA." }],
        strength_model: ["FLOAT", { default: new Float(1), min: new Float(-100), max: new Float(100), step: 0.01 }],
        strength_clip: ["FLOAT", { default: new Float(1), min: new Float(-100), max: new Float(100), step: 0.01 }],
      },
    },
    output: ["MODEL", "CLIP"],
    display_name: "Load LoRA (Model and CLIP)",
    python_module: "nodes",
    category: "loaders",
    choices: { lora_name: (sim) => sim.modelNames("loras") },
    validate: { lora_name: anyName },
    run: ({ inputs }) => [
      { ...inputs.model, loras: [...inputs.model.loras, `${inputs.lora_name} ${inputs.strength_model}`] },
      inputs.clip,
    ],
  },
  LoadImage: {
    input: { required: { image: [[], { image_upload: true }] } },
    output: ["IMAGE", "MASK"],
    display_name: "Load Image",
    python_module: "nodes",
    category: "image",
    choices: { image: inputImages },
    validate: { image: imageExists },
    run({ inputs, files }) {
      const picture = decodePng(readImage(files, inputs.image));
      const mask = alphaOf(picture);
      return [[withoutAlpha(picture)], [{ ...mask, data: mask.data.map((value) => 255 - value) }]];
    },
  },
  LoadImageMask: {
    input: { required: { image: [[], { image_upload: true }], channel: [["alpha", "red", "green", "blue"]] } },
    output: ["MASK"],
    display_name: "Load Image (as Mask)",
    python_module: "nodes",
    category: "mask",
    choices: { image: inputImages },
    validate: { image: imageExists },
    run({ inputs, files }) {
      const picture = decodePng(readImage(files, inputs.image));
      const mask = alphaOf(picture);
      const channel = ["red", "green", "blue"].indexOf(inputs.channel);
      const rgb = withoutAlpha(picture);
      const value = (/** @type {number} */ alpha, /** @type {number} */ pixel) =>
        channel < 0 ? 255 - alpha : rgb.data[pixel * 3 + channel];
      return [[{ ...mask, data: mask.data.map(value) }]];
    },
  },
};

/** @param {import("../server/file-store.js").FileStore} files @param {string} name */
function readImage(files, name) {
  const bytes = files.readAnnotated(name);
  if (!bytes) throw Object.assign(new Error(`[Errno 2] No such file: '${name}'`), { name: "FileNotFoundError" });
  return bytes;
}

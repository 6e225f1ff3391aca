// @ts-check
// Text-to-image nodes. There is no model: the sampler denoises a procedural landscape that the text selects.
import { Float } from "../python/json.js";
import { denoiser } from "../drawing/denoise.js";
import { paint, paintYielding } from "../drawing/landscape.js";
import { scale } from "../images/image-operations.js";

const SAMPLERS = [
  "euler",
  "euler_cfg_pp",
  "euler_ancestral",
  "euler_ancestral_cfg_pp",
  "heun",
  "heunpp2",
  "dpm_2",
  "dpm_2_ancestral",
  "lms",
  "dpm_fast",
  "dpm_adaptive",
  "dpmpp_2s_ancestral",
  "dpmpp_sde",
  "dpmpp_2m",
  "dpmpp_2m_sde",
  "dpmpp_3m_sde",
  "ddpm",
  "lcm",
  "ipndm",
  "deis",
  "res_multistep",
  "er_sde",
  "ddim",
  "uni_pc",
  "uni_pc_bh2",
];
const SCHEDULERS = [
  "simple",
  "sgm_uniform",
  "karras",
  "exponential",
  "ddim_uniform",
  "beta",
  "normal",
  "linear_quadratic",
  "kl_optimal",
];
/** Longest side of a preview in pixels. */
const PREVIEW_SIZE = 192;

/** @typedef {import("../images/png.js").Picture} Picture */

/** @param {any[]} conditioning */
function words(conditioning) {
  return conditioning.map((part) => part.text).join(", ");
}

/** @type {Record<string, import("./index.js").NodeDefinition>} */
export const samplingNodes = {
  CLIPTextEncode: {
    input: {
      required: {
        text: ["STRING", { multiline: true, dynamicPrompts: true, tooltip: "The text to be encoded." }],
        clip: ["CLIP", { tooltip: "The CLIP model used for encoding the text." }],
      },
    },
    output: ["CONDITIONING"],
    output_tooltips: ["A conditioning containing the embedded text used to guide the diffusion model."],
    display_name: "CLIP Text Encode (Prompt)",
    description:
      "Encodes a text prompt using a CLIP model into an embedding that can be used to guide the diffusion " +
      "model towards generating specific images.",
    python_module: "nodes",
    category: "conditioning",
    run: ({ inputs }) => [[{ text: inputs.text }]],
  },
  EmptyLatentImage: {
    input: {
      required: {
        width: ["INT", { default: 512, min: 16, max: 16384, step: 8, tooltip: "The width of the latent images." }],
        height: ["INT", { default: 512, min: 16, max: 16384, step: 8, tooltip: "The height of the latent images." }],
        batch_size: ["INT", { default: 1, min: 1, max: 4096, tooltip: "The number of latent images in the batch." }],
      },
    },
    output: ["LATENT"],
    output_tooltips: ["The empty latent image batch."],
    display_name: "Empty Latent Image",
    description: "Create a new batch of empty latent images to be denoised via sampling.",
    python_module: "nodes",
    category: "latent",
    run: ({ inputs }) => [{ width: inputs.width, height: inputs.height, count: inputs.batch_size, pictures: null }],
  },
  KSampler: {
    input: {
      required: {
        model: ["MODEL", { tooltip: "The model used for denoising the input latent." }],
        seed: [
          "INT",
          {
            default: 0,
            min: 0,
            max: 18446744073709551615n,
            control_after_generate: true,
            tooltip: "The random seed used for creating the noise.",
          },
        ],
        steps: [
          "INT",
          { default: 20, min: 1, max: 10000, tooltip: "The number of steps used in the denoising process." },
        ],
        cfg: ["FLOAT", { default: new Float(8), min: new Float(0), max: new Float(100), step: 0.1, round: 0.01 }],
        sampler_name: [SAMPLERS, { tooltip: "The algorithm used when sampling." }],
        scheduler: [SCHEDULERS, { tooltip: "The scheduler controls how noise is gradually removed." }],
        positive: ["CONDITIONING", { tooltip: "What to include in the image." }],
        negative: ["CONDITIONING", { tooltip: "What to exclude from the image." }],
        latent_image: ["LATENT", { tooltip: "The latent image to denoise." }],
        denoise: ["FLOAT", { default: new Float(1), min: new Float(0), max: new Float(1), step: 0.01 }],
      },
    },
    output: ["LATENT"],
    output_tooltips: ["The denoised latent."],
    display_name: "KSampler",
    description: "Uses the provided model, positive and negative conditioning to denoise the latent image.",
    python_module: "nodes",
    category: "sampling",
    async run(context) {
      const { seed, steps, positive, negative, latent_image: latent, denoise, model } = context.inputs;
      const ratio = Math.min(1, PREVIEW_SIZE / Math.max(latent.width, latent.height));
      const [width, height] = [latent.width, latent.height].map((side) => Math.max(1, Math.round(side * ratio)));
      const scene = { text: words(positive), without: words(negative), style: [model.model, ...model.loras].join(" ") };
      const start = latent.pictures ? scale(latent.pictures[0], width, height) : null;
      const preview = context.previews
        ? denoiser(paint({ ...scene, seed, width, height }), { seed, start, denoise })
        : null;
      for (let step = 1; step <= steps; step += 1) {
        await context.sleep(context.stepMs);
        await context.progress(step, steps, preview?.(step / steps));
      }
      const pictures = [];
      for (let index = 0; index < latent.count; index += 1) {
        const own = { ...scene, seed: BigInt(seed) + BigInt(index), width: latent.width, height: latent.height };
        const drawn = await paintYielding(own);
        pictures.push(denoiser(drawn, { seed, start: latent.pictures?.[index] ?? null, denoise })(1));
      }
      return [{ ...latent, pictures }];
    },
  },
  VAEDecode: {
    input: {
      required: {
        samples: ["LATENT", { tooltip: "The latent to be decoded." }],
        vae: ["VAE", { tooltip: "The VAE model used for decoding the latent." }],
      },
    },
    output: ["IMAGE"],
    output_tooltips: ["The decoded image."],
    display_name: "VAE Decode",
    description: "Decodes latent images back into pixel space images.",
    python_module: "nodes",
    category: "latent",
    run({ inputs }) {
      const { width, height, count, pictures } = inputs.samples;
      const grey = () => ({ width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(127) });
      return [pictures ?? Array.from({ length: count }, grey)];
    },
  },
  VAEEncode: {
    input: { required: { pixels: ["IMAGE"], vae: ["VAE"] } },
    output: ["LATENT"],
    display_name: "VAE Encode",
    python_module: "nodes",
    category: "latent",
    run({ inputs }) {
      const [{ width, height }] = inputs.pixels;
      return [{ width, height, count: inputs.pixels.length, pictures: inputs.pixels }];
    },
  },
  LatentUpscale: {
    input: {
      required: {
        samples: ["LATENT"],
        upscale_method: [["nearest-exact", "bilinear", "area", "bicubic", "bislerp"]],
        width: ["INT", { default: 512, min: 0, max: 16384, step: 8 }],
        height: ["INT", { default: 512, min: 0, max: 16384, step: 8 }],
        crop: [["disabled", "center"]],
      },
    },
    output: ["LATENT"],
    display_name: "Upscale Latent",
    python_module: "nodes",
    category: "latent",
    run({ inputs }) {
      const { samples, width, height } = inputs;
      const pictures = samples.pictures?.map((/** @type {Picture} */ one) => scale(one, width, height)) ?? null;
      return [{ ...samples, width, height, pictures }];
    },
  },
};

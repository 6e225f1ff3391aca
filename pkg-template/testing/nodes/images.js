// @ts-check
// Image nodes. An IMAGE is a list of pictures, a MASK a list of pictures with one channel.
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { Float, dumps } from "../python/json.js";
import { combine, crop, emptyPicture, flip, invert, scale } from "../images/image-operations.js";
import { encodePng } from "../images/png.js";

/**
 * @typedef {import("./index.js").NodeDefinition} NodeDefinition
 * @typedef {import("../images/png.js").Picture} Picture
 */

const UPSCALE_METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"];
const PREFIX_TOOLTIP =
  "The prefix for the file to save. This may include formatting information such as %date:yyyy-MM-dd% or " +
  "%Empty Latent Image.width% to include values from nodes.";
/** New servers pass the saved images on. */
const PASS_IMAGES = { output: ["IMAGE"], output_name: ["images"], old: { output: [], output_name: [] } };
const HIDDEN = { prompt: "PROMPT", extra_pnginfo: "EXTRA_PNGINFO" };

/** @param {number} [min] */
const size = (min = 1) => ["INT", { default: 512, min, max: 16384, step: 1 }];

/**
 * Text chunks of a saved PNG: the prompt, then each member of `extra_pnginfo`.
 * @param {import("../execution/node-context.js").NodeContext} context
 */
function metadata({ prompt, extraData }) {
  const info = extraData.get("extra_pnginfo");
  const members = info instanceof Map ? [...info] : [];
  return Object.fromEntries([["prompt", dumps(prompt)], ...members.map(([key, value]) => [key, dumps(value)])]);
}

/** @param {any} context @param {"output" | "temp"} type @param {string} prefix @param {number} level */
function savePictures(context, type, prefix, level) {
  const text = metadata(context);
  const files = context.inputs.images.map((/** @type {Picture} */ picture) =>
    context.save(type, prefix, "png", encodePng(picture, { text, level })),
  );
  return { ui: { images: files }, result: [context.inputs.images] };
}

/**
 * @param {Record<string, any>} input @param {(inputs: any) => Picture[]} work
 * @param {Partial<NodeDefinition>} about
 */
function imageNode(input, work, about) {
  /** @type {NodeDefinition} */
  const node = {
    input: { required: input },
    output: ["IMAGE"],
    python_module: "nodes",
    category: "image",
    ...about,
    run: ({ inputs }) => [work(inputs)],
  };
  return node;
}

const BLENDS = /** @type {Record<string, (a: number, b: number) => number>} */ ({
  normal: (_, b) => b,
  multiply: (a, b) => a * b,
  screen: (a, b) => 1 - (1 - a) * (1 - b),
  overlay: (a, b) => (a <= 0.5 ? 2 * a * b : 1 - 2 * (1 - a) * (1 - b)),
  soft_light: (a, b) => (1 - 2 * b) * a * a + 2 * b * a,
  difference: (a, b) => Math.abs(a - b),
});

/** @type {Record<string, NodeDefinition>} */
export const imageNodes = {
  SaveImage: {
    input: {
      required: {
        images: ["IMAGE", { tooltip: "The images to save." }],
        filename_prefix: ["STRING", { default: "ComfyUI", tooltip: PREFIX_TOOLTIP }],
      },
      hidden: HIDDEN,
    },
    ...PASS_IMAGES,
    output_node: true,
    display_name: "Save Image",
    description: "Saves the input images to your ComfyUI output directory.",
    python_module: "nodes",
    category: "image",
    search_aliases: ["save", "save image", "export image", "output image", "write image", "download"],
    essentials_category: "Basics",
    run: (context) => savePictures(context, "output", context.inputs.filename_prefix, 4),
  },
  PreviewImage: {
    input: { required: { images: ["IMAGE"] }, hidden: HIDDEN },
    ...PASS_IMAGES,
    output_node: true,
    display_name: "Preview Image",
    description: "Preview the images without saving them to the ComfyUI output directory.",
    python_module: "nodes",
    category: "image",
    search_aliases: ["preview", "preview image", "show image", "view image", "display image", "image viewer"],
    essentials_category: "Basics",
    run: (context) => savePictures(context, "temp", `ComfyUI_temp_${context.execution.sim.tempMark}`, 1),
  },
  SaveImageWebsocket: {
    input: { required: { images: ["IMAGE"] } },
    output: [],
    output_node: true,
    display_name: "Save Image (Websocket)",
    python_module: "custom_nodes.websocket_image_save",
    category: "image",
    is_changed: () => randomUUID(),
    async run(context) {
      const { images } = context.inputs;
      for (const [index, picture] of images.entries()) {
        await context.progress(index, images.length, { bytes: encodePng(picture), mimeType: "image/png" });
      }
    },
  },
  EmptyImage: imageNode(
    {
      width: size(),
      height: size(),
      batch_size: ["INT", { default: 1, min: 1, max: 4096 }],
      color: ["INT", { default: 0, min: 0, max: 0xffffff, step: 1, display: "color" }],
    },
    ({ width, height, batch_size: count, color }) => {
      const picture = emptyPicture(width, height, 3);
      const rgb = [color >> 16, (color >> 8) & 255, color & 255];
      for (let index = 0; index < picture.data.length; index += 1) picture.data[index] = rgb[index % 3];
      return Array.from({ length: count }, () => picture);
    },
    {},
  ),
  ImageInvert: imageNode({ image: ["IMAGE"] }, ({ image }) => image.map(invert), { display_name: "Invert Image" }),
  ImageScale: imageNode(
    {
      image: ["IMAGE"],
      upscale_method: [UPSCALE_METHODS],
      width: size(0),
      height: size(0),
      crop: [["disabled", "center"]],
    },
    ({ image, upscale_method: method, width, height, crop: cropping }) =>
      image.map((/** @type {Picture} */ picture) => {
        if (width === 0 && height === 0) return picture;
        const [w, h] = [
          width || Math.max(1, Math.round((picture.width * height) / picture.height)),
          height || Math.max(1, Math.round((picture.height * width) / picture.width)),
        ];
        return scale(cropping === "center" ? cropToRatio(picture, w / h) : picture, w, h, how(method));
      }),
    { display_name: "Upscale Image", category: "image/upscaling" },
  ),
  ImageScaleBy: imageNode(
    {
      image: ["IMAGE"],
      upscale_method: [UPSCALE_METHODS],
      scale_by: ["FLOAT", { default: new Float(1), min: 0.01, max: new Float(8), step: 0.01 }],
    },
    ({ image, upscale_method: method, scale_by: factor }) =>
      image.map((/** @type {Picture} */ picture) =>
        scale(picture, Math.round(picture.width * factor), Math.round(picture.height * factor), how(method)),
      ),
    { display_name: "Upscale Image By", category: "image/upscaling" },
  ),
  ImageBatch: imageNode(
    { image1: ["IMAGE"], image2: ["IMAGE"] },
    ({ image1, image2 }) => [
      ...image1,
      ...image2.map((/** @type {Picture} */ picture) => scale(picture, image1[0].width, image1[0].height)),
    ],
    { display_name: "Batch Images" },
  ),
  ImageBlend: imageNode(
    {
      image1: ["IMAGE", {}],
      image2: ["IMAGE", {}],
      blend_factor: ["FLOAT", { default: 0.5, min: new Float(0), max: new Float(1), step: 0.01 }],
      blend_mode: [Object.keys(BLENDS)],
    },
    ({ image1, image2, blend_factor: factor, blend_mode: mode }) =>
      image1.map((/** @type {Picture} */ picture, /** @type {number} */ index) =>
        combine(picture, image2[index % image2.length], (a, b) => a * (1 - factor) + BLENDS[mode](a, b) * factor),
      ),
    { display_name: "Blend Images", category: "image/postprocessing" },
  ),
  ImageCrop: imageNode(
    { image: ["IMAGE", {}], width: size(), height: size(), x: origin(), y: origin() },
    ({ image, x, y, width, height }) => image.map((/** @type {Picture} */ one) => crop(one, x, y, width, height)),
    { display_name: "Crop Image", category: "image/transform" },
  ),
  ImageFlip: imageNode(
    { image: ["IMAGE", {}], flip_method: [["x-axis: vertically", "y-axis: horizontally"]] },
    ({ image, flip_method: method }) =>
      image.map((/** @type {Picture} */ picture) => flip(picture, method.startsWith("x") ? "x" : "y")),
    { display_name: "Flip Image", category: "image/transform" },
  ),
  GetImageSize: {
    input: { required: { image: ["IMAGE", {}] }, hidden: { unique_id: "UNIQUE_ID" } },
    output: ["INT", "INT", "INT"],
    output_name: ["width", "height", "batch_size"],
    display_name: "Get Image Size",
    description: "Returns width and height of the image, and passes it through unchanged.",
    category: "image",
    hidden_unique_id: true,
    run(context) {
      const { image } = context.inputs;
      const [{ width, height }] = image;
      context.text(`width: ${width}, height: ${height}\n batch size: ${image.length}`);
      return [width, height, image.length];
    },
  },
};

function origin() {
  return ["INT", { default: 0, min: 0, max: 16384, step: 1 }];
}

/** @param {string} method */
function how(method) {
  return method === "nearest-exact" ? "nearest" : "smooth";
}

/** @param {Picture} picture @param {number} ratio */
function cropToRatio(picture, ratio) {
  const { width, height } = picture;
  const w = Math.min(width, Math.max(1, Math.round(height * ratio)));
  const h = Math.min(height, Math.max(1, Math.round(width / ratio)));
  return crop(picture, (width - w) >> 1, (height - h) >> 1, w, h);
}

/**
 * A small PNG, for tests of uploads.
 * @param {number} [width] @param {number} [height]
 */
export function samplePng(width = 8, height = 8) {
  const picture = emptyPicture(width, height, 3);
  for (let index = 0; index < picture.data.length; index += 1) picture.data[index] = (index * 7) & 255;
  return Buffer.from(encodePng(picture));
}

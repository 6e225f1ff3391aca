// @ts-check
// The prompts that scenarios submit.

/**
 * The ordinary text-to-image graph.
 *
 * @param {{ seed?: number, steps?: number }} [options] another seed is another picture: nothing of it is cached
 * @returns {import("comfyui-autoflow").Prompt}
 */
export function textToImage({ seed = 1, steps = 4 } = {}) {
  return {
    3: {
      class_type: "KSampler",
      inputs: {
        seed,
        steps,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
        model: ["4", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
      },
    },
    4: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "model.safetensors" } },
    5: { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
    6: { class_type: "CLIPTextEncode", inputs: { text: "a lighthouse at dusk", clip: ["4", 1] } },
    7: { class_type: "CLIPTextEncode", inputs: { text: "blurry", clip: ["4", 1] } },
    8: { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
    9: { class_type: "SaveImage", inputs: { filename_prefix: "scenario", images: ["8", 0] } },
  };
}

/**
 * A text node alone: the smallest run there is. Wants a simulator with `lab`.
 *
 * @param {string} [text] another text is another result: nothing of it is cached
 * @returns {import("comfyui-autoflow").Prompt}
 */
export function shownText(text = "hello") {
  return { 1: { class_type: "LabText", inputs: { text } } };
}

/**
 * A node that counts and a picture of it. Wants a simulator with `lab`.
 *
 * @param {{ steps?: number, delayMs?: number, seed?: number, preview?: boolean }} [options]
 * @returns {import("comfyui-autoflow").Prompt}
 */
export function counting({ steps = 4, delayMs = 0, seed = 0, preview = false } = {}) {
  return {
    1: { class_type: "LabProgress", inputs: { steps, delay_ms: delayMs, preview, size: 8, seed } },
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
}

/** One that runs until it is stopped. @param {number} [seed] */
export function endless(seed = 0) {
  return counting({ steps: 100_000, delayMs: 5, seed });
}

/**
 * One whose second node raises after the first has shown something.
 *
 * @param {string} [message]
 * @returns {import("comfyui-autoflow").Prompt}
 */
export function failing(message = "boom") {
  return {
    ...counting(),
    3: { class_type: "LabFail", inputs: { image: ["1", 0], message } },
    4: { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
  };
}

/**
 * One whose node shows a text while it works, in a binary frame.
 *
 * @param {string} text
 * @returns {import("comfyui-autoflow").Prompt}
 */
export function speaking(text) {
  return {
    ...counting(),
    2: { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
    3: { class_type: "LabProgressText", inputs: { image: ["1", 0], text } },
  };
}

// The main job, the same in every environment: submits a text-to-image prompt, hears of it live, fetches the picture.

/** Another seed is another picture: nothing of it is cached, wherever it runs for a second time. */
export const textToImage = (seed) => ({
  3: {
    class_type: "KSampler",
    inputs: {
      seed,
      steps: 4,
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
  9: { class_type: "SaveImage", inputs: { filename_prefix: "environment", images: ["8", 0] } },
});

/**
 * @param {Pick<typeof import("comfyui-autoflow"), "submit">} api
 * @param {string} serverUrl
 * @param {Partial<import("comfyui-autoflow").SubmitOptions>} [options]
 * @returns what happened, as plain values: also a failure, so that it reaches whoever started this
 */
export async function mainJob({ submit }, serverUrl, options) {
  const events = [];
  const connection = [];
  let firstEventAfterMs;
  try {
    const run = await submit(textToImage(Math.floor(Math.random() * 2 ** 32)), {
      serverUrl,
      wait: true,
      onEvent: (event) => {
        // Since the page, worker or process began; some runtimes do not tell.
        if (performance.timeOrigin) firstEventAfterMs ??= performance.now();
        events.push(event.type);
        if (event.type === "connection") connection.push(event.data.state);
      },
      ...options,
    });
    const [image] = await run.fetchImages();
    const { filename, subfolder } = image;
    const bytes = [...(await image.bytes())];
    return { events, connection, firstEventAfterMs, picture: { filename, subfolder, bytes } };
  } catch (error) {
    return { events, connection, error: error.stack ?? String(error) };
  }
}

// The main job, the same in every environment: loads a text-to-image workflow, which takes the converter, submits it,
// hears of it live, fetches the picture.

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

/** The same as the editor saves it. */
export function workflow(seed) {
  const prompt = textToImage(seed);
  const nodes = [];
  const links = [];
  const outputs = { 4: ["MODEL", "CLIP", "VAE"], 5: ["LATENT"], 6: ["CONDITIONING"], 7: ["CONDITIONING"], 3: ["LATENT"], 8: ["IMAGE"] };
  for (const [id, { class_type, inputs }] of Object.entries(prompt)) {
    const node = { id: Number(id), type: class_type, mode: 0, order: 0, inputs: [], widgets_values: [] };
    for (const [name, value] of Object.entries(inputs)) {
      if (Array.isArray(value)) {
        const type = outputs[value[0]][value[1]];
        links.push([links.length + 1, Number(value[0]), value[1], node.id, node.inputs.length, type]);
        node.inputs.push({ name, type, link: links.length });
      } else {
        node.widgets_values.push(value);
        // The editor's own widget beside a seed.
        if (name === "seed") node.widgets_values.push("fixed");
      }
    }
    nodes.push(node);
  }
  for (const node of nodes) {
    node.outputs = (outputs[node.id] ?? []).map((type, slot) => ({
      name: type,
      type,
      links: links.filter(([, from, at]) => from === node.id && at === slot).map(([link]) => link),
    }));
  }
  return { last_node_id: 9, last_link_id: links.length, nodes, links, version: 0.4 };
}

/**
 * @param {Pick<typeof import("comfyui-autoflow"), "Workflow">} api
 * @param {string} serverUrl
 * @param {Partial<import("comfyui-autoflow").SubmitOptions>} [options]
 * @returns what happened, as plain values: also a failure, so that it reaches whoever started this
 */
export async function mainJob({ Workflow }, serverUrl, options) {
  const events = [];
  const connection = [];
  let firstEventAfterMs;
  try {
    const api = await Workflow.load(workflow(Math.floor(Math.random() * 2 ** 32)), { serverUrl });
    const run = await api.submit({
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

// @ts-check
/** A workflow of the editor whose nodes are the simulator's. */
export const WORKFLOW = {
  nodes: [
    { id: 3, type: "KSampler", inputs: inputs("model", "positive", "negative", "latent_image"), widgets_values: [7, "fixed", 2, 8, "euler", "normal", 1] },
    { id: 4, type: "CheckpointLoaderSimple", widgets_values: ["model.safetensors"] },
    { id: 5, type: "EmptyLatentImage", widgets_values: [64, 64, 1] },
    { id: 6, type: "CLIPTextEncode", inputs: [{ name: "clip", link: 5 }], widgets_values: ["a lighthouse"] },
    { id: 7, type: "CLIPTextEncode", inputs: [{ name: "clip", link: 6 }], widgets_values: ["blurry"] },
    { id: 8, type: "VAEDecode", inputs: [{ name: "samples", link: 7 }, { name: "vae", link: 8 }] },
    { id: 9, type: "SaveImage", title: "Save Image", inputs: [{ name: "images", link: 9 }], widgets_values: ["docs"] },
  ],
  links: [
    [1, 4, 0, 3, 0, "MODEL"],
    [2, 6, 0, 3, 1, "CONDITIONING"],
    [3, 7, 0, 3, 2, "CONDITIONING"],
    [4, 5, 0, 3, 3, "LATENT"],
    [5, 4, 1, 6, 0, "CLIP"],
    [6, 4, 1, 7, 0, "CLIP"],
    [7, 3, 0, 8, 0, "LATENT"],
    [8, 4, 2, 8, 1, "VAE"],
    [9, 8, 0, 9, 0, "IMAGE"],
  ],
};

/** @param {string[]} names */
function inputs(...names) {
  return names.map((name, at) => ({ name, link: at + 1 }));
}

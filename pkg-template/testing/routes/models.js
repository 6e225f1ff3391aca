// @ts-check
// Node classes and models: `/object_info`, `/models`, `/experiment/models`, `/embeddings` and `/view_metadata`.
import { empty, json } from "../http/response.js";
import { nodeInfo } from "../nodes/object-info.js";
import { Float } from "../python/json.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

const EXTENSIONS = [".bin", ".ckpt", ".pkl", ".pt", ".pt2", ".pth"];

/** Folders of each kind of model, below the folder of the server (`/experiment/models` of 0.33.0). */
const FOLDERS = /** @type {Record<string, string[]>} */ ({
  checkpoints: ["models/checkpoints", "output/checkpoints"],
  configs: ["models/configs"],
  loras: ["models/loras", "output/loras"],
  vae: ["models/vae", "output/vae"],
  text_encoders: ["models/text_encoders", "models/clip", "output/clip"],
  diffusion_models: ["models/unet", "models/diffusion_models", "output/diffusion_models"],
  clip_vision: ["models/clip_vision"],
  style_models: ["models/style_models"],
  embeddings: ["models/embeddings"],
  diffusers: ["models/diffusers"],
  vae_approx: ["models/vae_approx"],
  controlnet: ["models/controlnet", "models/t2i_adapter"],
  gligen: ["models/gligen"],
  upscale_models: ["models/upscale_models"],
  hypernetworks: ["models/hypernetworks"],
  photomaker: ["models/photomaker"],
});

/** `/experiment/models` does not list these. */
const NOT_MODELS = ["configs", "custom_nodes"];

/** @param {Request} request @param {Simulator} sim */
export function getObjectInfo(request, sim) {
  const wanted = request.params.node_class;
  const classes = Object.keys(sim.nodes).filter((name) => wanted === undefined || name === wanted);
  return json(new Map(classes.map((name) => [name, nodeInfo(name, sim.nodes[name], sim)])));
}

/** @param {Simulator} sim @returns {string[]} */
function folders(sim) {
  return [...new Set([...Object.keys(FOLDERS), ...Object.keys(sim.models)])];
}

/** @param {Request} _ @param {Simulator} sim */
export function getModelFolders(_, sim) {
  return json(folders(sim));
}

/** @param {Request} request @param {Simulator} sim */
export function getModels(request, sim) {
  const { folder } = request.params;
  return folders(sim).includes(folder) ? json(sim.modelNames(folder)) : empty(404);
}

/** @param {Request} _ @param {Simulator} sim */
export function getModelFoldersWithPaths(_, sim) {
  const listed = folders(sim).filter((name) => !NOT_MODELS.includes(name));
  const paths = (/** @type {string} */ name) => (FOLDERS[name] ?? [`models/${name}`]).map((path) => `/comfyui/${path}`);
  return json(listed.map((name) => ({ name, folders: paths(name), extensions: EXTENSIONS })));
}

/** @param {Request} request @param {Simulator} sim */
export function getModelFiles(request, sim) {
  const { folder } = request.params;
  if (!folders(sim).includes(folder) || NOT_MODELS.includes(folder)) return empty(404);
  const times = { modified: new Float(1700000000), created: new Float(1700000000) };
  return json(sim.modelNames(folder).map((name) => ({ name, pathIndex: 0, ...times, size: 0 })));
}

/** @param {Request} _ @param {Simulator} sim */
export function getEmbeddings(_, sim) {
  return json(sim.modelNames("embeddings").map((name) => name.replace(/\.[^./]+$/, "")));
}

/** The `__metadata__` of a safetensors file. @param {Request} request @param {Simulator} sim */
export function getModelMetadata({ params, query }, sim) {
  const name = query.get("filename") ?? "";
  const metadata = name.endsWith(".safetensors") ? sim.modelMetadata(params.folder, name) : undefined;
  return metadata ? json(metadata) : empty(404);
}

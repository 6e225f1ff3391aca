// @ts-check
// A ComfyUI-shaped server for demos and tests: no GPU, no models.
import { Simulator } from "./simulator.js";

export { labNodes } from "./nodes/lab.js";
export { builtInNodes } from "./nodes/index.js";
export { samplePng } from "./nodes/images.js";
export { decodePng, encodePng, pngText } from "./png.js";

/** @type {typeof import("./index.d.ts").startSimulator} */
export async function startSimulator(options = {}) {
  const simulator = new Simulator(options);
  await simulator.start();
  return simulator;
}

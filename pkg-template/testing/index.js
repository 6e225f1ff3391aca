// @ts-check
// A simulated ComfyUI server for demos and tests. Needs no GPU and no models.
import { Simulator } from "./simulator.js";

export { labNodes } from "./nodes/lab.js";
export { builtInNodes } from "./nodes/index.js";
export { samplePng } from "./nodes/images.js";
export { decodePng, encodePng, pngText } from "./images/png.js";

/** @type {typeof import("./index.d.ts").startSimulator} */
export async function startSimulator(options = {}) {
  const simulator = new Simulator(options);
  await simulator.start();
  return simulator;
}

// @ts-check
// The server itself: features, statistics, logs, users, settings, extensions.
import { Buffer } from "node:buffer";
import { bytes, empty, json } from "../http/response.js";

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

const VERSIONS = /** @type {const} */ ({
  old: { comfyui: "0.3.64", frontend: "1.27.10" },
  new: { comfyui: "0.33.0", frontend: "1.49.6", templates: "0.11.44" },
});

/** @param {Request} _ @param {Simulator} sim */
export function getFeatures(_, sim) {
  return json(sim.features());
}

/** @param {Request} _ @param {Simulator} sim */
export function getSystemStats(_, sim) {
  const memory = 16 * 1024 ** 3;
  const { comfyui, frontend } = VERSIONS[sim.version];
  const { templates } = VERSIONS.new;
  const name = "comfyui-frontend-package";
  const added =
    sim.version === "new"
      ? {
          installed_templates_version: templates,
          required_templates_version: templates,
          comfy_package_versions: [{ name, installed: frontend, required: frontend }],
        }
      : {};
  const device = { name: "cpu", type: "cpu", index: null, vram_total: memory, vram_free: memory };
  return json({
    system: {
      os: "simulator",
      ram_total: memory,
      ram_free: memory,
      comfyui_version: comfyui,
      required_frontend_version: frontend,
      ...added,
      python_version: "3.12.0",
      pytorch_version: "2.11.0+cpu",
      embedded_python: false,
      ...(sim.version === "new" ? { deploy_environment: "local-git" } : {}),
      argv: ["main.py", "--cpu", "--listen", sim.host, "--port", String(sim.port)],
    },
    devices: [{ ...device, torch_vram_total: memory, torch_vram_free: memory }],
  });
}

/** One text of all lines, as a JSON string. @param {Request} _ @param {Simulator} sim */
export function getLogs(_, sim) {
  return json(sim.process.log.map(({ t, m }) => `${t} - ${m}`).join(""));
}

/** @param {Request} _ @param {Simulator} sim */
export function getRawLogs(_, sim) {
  return json({ entries: sim.process.log, size: { cols: 80, rows: 24 } });
}

/** No user data is stored, so every folder of it is missing. */
export function getUserData() {
  return { status: 404, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "Directory not found" };
}

export function getUsers() {
  return json({ storage: "server", migrated: true });
}

/** @param {Request} _ @param {Simulator} sim */
export function getSettings(_, sim) {
  return json({ "Comfy.InstalledVersion": VERSIONS[sim.version].frontend, "Comfy.TutorialCompleted": true });
}

export function getExtensions() {
  return json([]);
}

/** Drops cached results if `free_memory` is set. @param {Request} request @param {Simulator} sim */
export function postFree(request, sim) {
  if (request.jsonObject().get("free_memory")) sim.process.cache.clear();
  return empty(200);
}

export function getRoot() {
  const page = "<!doctype html><title>ComfyUI simulator</title><p>A simulated ComfyUI without its editor.</p>";
  return bytes(Buffer.from(page), "text/html");
}

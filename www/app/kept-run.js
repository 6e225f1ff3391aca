// @ts-check
// Remembers the active run, so that a reload of the page can pick it up again.

const KEPT = "comfyui-autoflow demo run";

/** @typedef {{ promptId: string, clientId: string, serverUrl: string, name: string, prompt: any, workflow: any }} Kept */

/** @param {import("./run.js").Run} run */
export function keepRun({ promptId, clientId, settings, flow }) {
  const { name, prompt, workflow } = flow;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ promptId, clientId, serverUrl: settings.serverUrl, name, prompt, workflow }));
  } catch {
    // Too large or no storage: the run is not picked up.
  }
}

export function forgetRun() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage nothing was kept.
  }
}

/** @returns {Kept | null} */
export function keptRun() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

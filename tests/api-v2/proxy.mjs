// @ts-check
// The proxy that puts the Comfy API v2 in front of a ComfyUI, here in front of the simulator.
import { spawn } from "node:child_process";
import net from "node:net";
import { startSimulator } from "comfyui-autoflow/testing";

/** What opens the proxy. */
export const TOKEN = "proxy-secret-1";

/**
 * @param {string} program of the proxy
 * @param {import("comfyui-autoflow/testing").SimulatorOptions} [options] of the simulator
 * @param {string[]} [flags] of the proxy
 */
export async function startProxy(program, options, flags = []) {
  const comfyui = await startSimulator({ lab: true, ...options });
  const port = await freePort();
  const args = ["--comfyui", comfyui.url, "--port", String(port), "--token", TOKEN, ...flags];
  let child = await launch(program, args);
  return {
    url: `http://127.0.0.1:${port}`,
    /** The ComfyUI behind it. */
    comfyui,
    /** Whatever it printed. */
    printed: () => child.printed(),
    /** Takes it down as a crash would, and starts it anew: what it remembered is gone. */
    async restart() {
      await child.stop();
      child = await launch(program, args);
    },
    async close() {
      await child.stop();
      await comfyui.close();
    },
  };
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function launch(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PYTHONUNBUFFERED: "1" } });
  const gone = new Promise((resolve) => child.once("close", resolve));
  let printed = "";
  /** @type {Promise<{ printed: () => string, stop: () => Promise<unknown> }>} */
  const listening = new Promise((resolve, reject) => {
    const hear = (/** @type {Buffer} */ part) => {
      printed += part;
      if (printed.includes("Running on")) resolve({ printed: () => printed, stop: () => (child.kill("SIGKILL"), gone) });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    gone.then(() => reject(new Error(`the proxy ended: ${printed}`)));
  });
  return listening;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

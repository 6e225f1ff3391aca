// @ts-check
// `npm start`: builds, runs an example in the terminal against the simulator, then serves the demo page.
//   -- --once              leave after the run
//   -- --server-url URL    use a real ComfyUI instead of the simulator
//   -- --port N            where the demo page is served (default 8080, or a free one)
import { spawn } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { buildPage, page as builtPage } from "./page.mjs";
import { pkg, root, target } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { serve } from "./serve.mjs";
import { setup } from "./setup.mjs";

const DEMO_PORT = 8080;
/** Slow enough to watch. */
const SIMULATED_STEP_MS = 100;

script(async () => {
  const { values } = parseArgs({
    options: { once: { type: "boolean" }, "server-url": { type: "string" }, port: { type: "string" } },
  });
  await build(await setup());

  const simulator = values["server-url"] === undefined ? await simulate() : undefined;
  const serverUrl = values["server-url"] ?? simulator?.url ?? "";
  say(simulator ? `The simulator listens at ${serverUrl}.` : `Using the ComfyUI at ${serverUrl}.`);

  const code = await runExample(serverUrl);
  if (values.once) {
    await simulator?.close();
    process.exitCode = code;
    return;
  }
  await demo(serverUrl, values.port === undefined ? undefined : Number(values.port));
  process.once("SIGINT", () => process.exit(0)).once("SIGTERM", () => process.exit(0));
});

async function simulate() {
  const { startSimulator } = await import("comfyui-autoflow/testing");
  return startSimulator({ cors: true, stepMs: SIMULATED_STEP_MS });
}

/**
 * The command line of the package, as a user runs it.
 *
 * @param {string} serverUrl
 * @returns {Promise<number>} its exit code
 */
function runExample(serverUrl) {
  const input = path.join("examples", "text-to-image.json");
  const pictures = path.relative(root, path.join(target, "pictures"));
  const args = ["--submit", "--input-path", input, "--server-url", serverUrl];
  args.push("--save-images", pictures, "--filepattern", "lighthouse.###.png", "--overwrite");
  say(`\n$ autoflow ${args.join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(pkg, "cli.js"), ...args], { cwd: root, stdio: "inherit" });
    child.once("error", reject).once("close", (code) => resolve(code ?? 1));
  });
}

/**
 * @param {string} serverUrl
 * @param {number} [port] as asked for
 */
async function demo(serverUrl, port) {
  await buildPage();
  const folders = { "/": builtPage };
  const page = await serve(folders, { port: port ?? DEMO_PORT }).catch((error) => {
    if (error.code !== "EADDRINUSE" || port !== undefined) throw error;
    return serve(folders);
  });
  say(`\nThe demo page: ${page.url}/?server=${encodeURIComponent(serverUrl)}   (Ctrl-C stops it)`);
}

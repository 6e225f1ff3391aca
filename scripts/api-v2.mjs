// @ts-check
// `npm run test:api-v2`: the built package against the comfy-api-proxy package (PyPI), which puts the Comfy API v2 in front
// of a ComfyUI, in front of the simulator. Needs Python; the proxy is installed once a machine.
// -- --record records the answers of the proxy into tests/api-v2/recordings, which `npm test` plays
import fs from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { cache, root } from "./paths.mjs";
import { run, script, step } from "./run.mjs";
import { setup } from "./setup.mjs";

const PROXY = "comfy-api-proxy==0.1.6";

/** @returns {Promise<string>} the program of the proxy */
async function proxy() {
  const folder = path.join(cache, "api-v2-proxy");
  const bin = path.join(folder, process.platform === "win32" ? "Scripts" : "bin");
  const stamp = path.join(folder, "installed");
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, "utf8") !== PROXY) {
    await step("Making a Python environment", "python3", ["-m", "venv", folder]);
    await step("Installing the proxy", path.join(bin, "pip"), ["install", "--quiet", PROXY]);
    fs.writeFileSync(stamp, PROXY);
  }
  return path.join(bin, "comfy-api-proxy");
}

script(async () => {
  const env = await setup();
  await build(env);
  const program = await proxy();
  if (process.argv.includes("--record")) {
    const { record } = await import("../tests/api-v2/record.mjs");
    await record(program, path.join(root, "tests", "api-v2", "recordings"));
  }
  const args = ["--test", "--test-reporter=spec", path.join("tests", "api-v2", "proxy.test.mjs")];
  const { code, output } = await run(process.execPath, args, { env: { ...env, COMFY_API_PROXY: program } });
  process.stdout.write(output);
  process.exitCode = code;
});

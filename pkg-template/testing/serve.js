#!/usr/bin/env node
// @ts-check
// Command line of the simulator: node serve.js --port 8188 [--cors] [--step-ms 80]
import process from "node:process";
import { parseArgs } from "node:util";
import { startSimulator } from "./index.js";

const HELP = `A simulated ComfyUI.

  node serve.js [options]

  --port N       default 8188
  --host NAME    default 127.0.0.1
  --cors         allow pages of other origins (--enable-cors-header)
  --step-ms N    duration of one sampler step, default 80
  --old          behave as ComfyUI 0.3.64 instead of 0.33.0
  --lab          add the test nodes (LabProgress, LabFail, …)
  --replay FILE  replay a recording
  --cloud KEY    act as Comfy Cloud, with this API key
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8188" },
    host: { type: "string", default: "127.0.0.1" },
    cors: { type: "boolean" },
    "step-ms": { type: "string", default: "80" },
    old: { type: "boolean" },
    lab: { type: "boolean" },
    replay: { type: "string" },
    cloud: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const sim = await startSimulator({
    port: Number(values.port),
    host: values.host,
    cors: values.cors,
    stepMs: Number(values["step-ms"]),
    version: values.old ? "old" : "new",
    lab: values.lab,
    replay: values.replay,
    cloud: values.cloud === undefined ? undefined : { accounts: { [values.cloud]: {} } },
  });
  process.stdout.write(`ComfyUI simulator at ${sim.url} (Ctrl-C stops it)\n`);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => void sim.close().then(() => process.exit(0)));
  }
}

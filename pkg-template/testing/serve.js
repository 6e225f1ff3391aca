#!/usr/bin/env node
// @ts-check
// Runs the simulator by hand: node serve.js --port 8188 [--cors] [--step-ms 80] [--old]
import process from "node:process";
import { parseArgs } from "node:util";
import { startSimulator } from "./index.js";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8188" },
    host: { type: "string", default: "127.0.0.1" },
    cors: { type: "boolean", default: false },
    "step-ms": { type: "string", default: "80" },
    old: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log("node serve.js [--port 8188] [--host 127.0.0.1] [--cors] [--step-ms 80] [--old]");
} else {
  const sim = await startSimulator({
    port: Number(values.port),
    host: values.host,
    cors: values.cors,
    stepMs: Number(values["step-ms"]),
    version: values.old ? "old" : "new",
  });
  console.log(`ComfyUI simulator at ${sim.url} (Ctrl-C stops it)`);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => void sim.close().then(() => process.exit(0)));
  }
}

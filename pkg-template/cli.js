#!/usr/bin/env node
// @ts-check
// The command line, `autoflow`. Node 20 has a WebSocket, but only behind a flag: without it there would be no live
// progress, so the command starts itself again with the flag.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const FLAG = "--experimental-websocket";

if (typeof WebSocket === "undefined" && process.allowedNodeEnvironmentFlags.has(FLAG)) {
  const args = [FLAG, "--no-warnings", ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  // This process only waits for the other one to clean up. A terminal sends Ctrl-C to both, other senders to this one
  // alone: the other one takes two at once for one.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  child.once("error", (error) => {
    console.error(`autoflow: could not start Node again: ${error.message}`);
    process.exitCode = 1;
  });
  child.once("close", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
} else {
  const { main } = await import("./cli/main.js");
  await main(process.argv.slice(2));
}

// @ts-check
// `npm run bench`: measures this package beside others on the same work, in the same run, and prints ratios.
// `-- PART…` runs parts alone: conversion, frames, machine.
import { spawn } from "node:child_process";
import path from "node:path";
import { build } from "./build.mjs";
import { root } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { setup } from "./setup.mjs";

/** @type {Record<string, string[]>} what each part runs */
const PARTS = {
  conversion: [process.execPath, path.join("tests", "bench", "conversion.mjs")],
  frames: [process.execPath, path.join("tests", "bench", "frames.mjs")],
  machine: ["cargo", "run", "--quiet", "--release", "--example", "machine"],
};

script(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in PARTS));
  if (unknown) throw new Error(`There is no part ${unknown}. There are: ${Object.keys(PARTS).join(", ")}`);
  await build(await setup());
  for (const name of names.length ? names : Object.keys(PARTS)) {
    say(`\n${name}`);
    const [command, ...args] = PARTS[name];
    const code = await new Promise((resolve) => {
      spawn(command, args, { cwd: root, stdio: "inherit" }).once("error", () => resolve(1)).once("close", resolve);
    });
    if (code !== 0) process.exitCode = 1;
  }
});

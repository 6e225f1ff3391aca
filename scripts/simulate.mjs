// @ts-check
// `npm run simulate -- --seeds N [--seed FIRST]`: plays seeded stories of faults against the run machine (the rules are
// those of tests/simulation). `-- --seed S` alone plays one and prints everything that happens.
import { spawnSync } from "node:child_process";
import { root } from "./paths.mjs";

const args = process.argv.slice(2);
// The profile of `cargo test`: what that has built is not built again.
const { status } = spawnSync("cargo", ["run", "--quiet", "--example", "simulate", "--", ...args], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exitCode = status ?? 1;

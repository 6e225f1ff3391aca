// @ts-check
// `npm run fuzz -- --minutes N [--seed S]`: mutated files, frames, answers and workflows (tests/fuzz). None may panic or take
// a second. An input that does is saved to target/fuzz; `-- --replay FILE` tries it again.
import { spawnSync } from "node:child_process";
import { root } from "./paths.mjs";

// The profile of `cargo test`, because a release build aborts at the first panic.
const { status } = spawnSync("cargo", ["run", "--quiet", "--example", "fuzz", "--", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exitCode = status ?? 1;

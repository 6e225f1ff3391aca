// @ts-check
// BENCHMARKS.md: what one run of `npm run bench` measured.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../../scripts/paths.mjs";
import { run } from "../../scripts/run.mjs";
import { versions } from "./peers.mjs";
import { budgetTable, markdown } from "./table.mjs";

/** @param {import("./table.mjs").Report[]} reports @returns {Promise<string>} the file's text */
export async function benchmarks(reports) {
  const head = [
    "# Benchmarks",
    "",
    "What `npm run bench` measured, in one run, on one machine: this package beside what one would use instead, each driven as " +
      "its own README does it, in fresh processes, in turns; the figures are medians. The servers are the simulator of this " +
      "package and a fast sender of frames, on the same machine. Ratios say more than figures: nothing here asserts a time.",
    "",
    `- Machine: ${await machineLine()}`,
    `- Versions: ${await versionLine()}`,
  ];
  const budgets = reports.flatMap((report) => report.budgets ?? []);
  const sections = reports.map(({ title, about, tables, notes = [], busy = 0 }) =>
    [`## ${title}`, ...busyLine(busy), about, ...tables.map(markdown), ...notes].join("\n\n"),
  );
  return `${[head.join("\n"), "## Budgets", markdown(budgetTable(budgets)).replace(/^Budgets\n\n/, ""), ...sections].join("\n\n")}\n`;
}

/** The measuring itself wants two cores at most. @param {number} busy @returns {string[]} */
function busyLine(busy) {
  const cores = os.cpus().length;
  if (busy <= cores + 2) return [];
  return [`The machine did much other work while this part ran: ${Math.round(busy)} programs on average wanted its ${cores} cores.`];
}

/** @param {import("./table.mjs").Report[]} reports */
export async function writeBenchmarks(reports) {
  fs.writeFileSync(path.join(root, "BENCHMARKS.md"), await benchmarks(reports));
}

async function machineLine() {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus[0]?.model.trim() ?? os.arch()}, ${cpus.length} cores, ${memory} GiB, ${os.type()}`;
}

async function versionLine() {
  const first = async (/** @type {string} */ program, /** @type {string[]} */ args) => (await run(program, args)).output.trim().split("\n")[0];
  const { chromium } = await import("../../scripts/tools.mjs");
  const found = await chromium();
  const programs = [
    `Node ${process.versions.node}`,
    await first("python3", ["--version"]),
    "path" in found ? ((await run(found.path, ["--version"])).output.match(/Chrom\w+ [\d.]+/)?.[0] ?? "") : "",
    (await first("rustc", ["--version"])).replace(/ \(.*$/, ""),
  ];
  return [...programs.filter(Boolean), ...Object.entries(versions()).map(([name, version]) => `${name} ${version}`)].join(", ");
}

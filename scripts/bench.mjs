// @ts-check
// `npm run bench`: measures this package beside others on the same work, prints tables and writes BENCHMARKS.md.
// `-- PART…` runs parts alone (frames, conversion, start, end, many, machine) and writes nothing.
import os from "node:os";
import path from "node:path";
import { build } from "./build.mjs";
import { root } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { setup } from "./setup.mjs";

const PARTS = ["frames", "machine", "conversion", "start", "end", "many"];

script(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !PARTS.includes(name));
  if (unknown) throw new Error(`There is no part ${unknown}. There are: ${PARTS.join(", ")}`);
  await build(await setup());
  // Not before the build: they import the package.
  const { npmPeers } = await import("../tests/bench/peers.mjs");
  const { budgetTable, text } = await import("../tests/bench/table.mjs");
  await npmPeers();
  const reports = [];
  for (const name of names.length ? names : PARTS) {
    say(`\n${name} …`);
    const { [name]: part } = await import(`../tests/bench/${name}.mjs`);
    /** @type {import("../tests/bench/table.mjs").Report} */
    const report = await part();
    report.busy = os.loadavg()[1];
    reports.push(report);
    const tables = report.budgets?.length ? [...report.tables, budgetTable(report.budgets)] : report.tables;
    process.stdout.write(`\n${[report.title, ...tables.map(text), ...(report.notes ?? [])].join("\n\n")}\n`);
  }
  if (names.length) return;
  const { writeBenchmarks } = await import("../tests/bench/report.mjs");
  await writeBenchmarks(reports);
  say(`\n${path.join(path.relative(process.cwd(), root), "BENCHMARKS.md")} is written.`);
});

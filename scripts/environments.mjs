// @ts-check
// `npm run test:environments`: installs the packed package into small real projects and does the main job in each.
// `-- NAME…` runs the rows whose name begins with NAME.
import { build } from "./build.mjs";
import { NONE, add, line, one } from "./counts.mjs";
import { script } from "./run.mjs";
import { setup } from "./setup.mjs";

script(async () => {
  await build(await setup());
  // Not before the build: they import the package.
  const { rows } = await import("../tests/environments/rows.mjs");
  const { Project, pack } = await import("../tests/environments/support/project.mjs");
  const { Missing } = await import("../tests/environments/support/processes.mjs");
  const { closeChromium } = await import("../tests/environments/support/pages.mjs");

  const names = process.argv.slice(2);
  for (const name of names) {
    if (!rows.some((row) => row.name.startsWith(name))) {
      throw new Error(`No row begins with ${name}. There are: ${rows.map(({ name }) => name).join(", ")}`);
    }
  }
  const chosen = rows.filter((row) => names.length === 0 || names.some((name) => row.name.startsWith(name)));

  const started = Date.now();
  const packed = await pack();
  let total = NONE;
  for (const { name, project, layers, run } of chosen) {
    const began = Date.now();
    try {
      const { firstEventAfterMs } = await Project.with({ name: project, layers, packed }, run);
      total = add(total, one(0));
      const first = firstEventAfterMs ? `  first event after ${seconds(firstEventAfterMs)}` : "";
      print(`✓ ${name.padEnd(24)} ${seconds(Date.now() - began)}${first}`);
    } catch (error) {
      if (error instanceof Missing) {
        total = add(total, { ...NONE, skipped: 1 });
        print(`- ${name.padEnd(24)} skipped: ${error.message}`);
        continue;
      }
      total = add(total, one(1));
      print(`✗ ${name.padEnd(24)} ${seconds(Date.now() - began)}`);
      print(`  ${/** @type {Error} */ (error).message.replaceAll("\n", "\n  ")}`);
    }
  }
  await closeChromium();
  print(`${seconds(Date.now() - started)} in all`);
  print(line(total));
  process.exitCode = total.failed ? 1 : 0;
});

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`.padStart(9);
}

// @ts-check
// `npm test`: runs everything and ends with one line that counts it all. `npm test -- NAME…` runs a part (rust, lint,
// package), a group (cargo, node, browser, …), or else the tests whose file or name matches NAME.
import { NONE, add, line } from "./counts.mjs";
import { groups } from "./groups.mjs";
import { say, script } from "./run.mjs";
import { setup } from "./setup.mjs";
import { rustLints } from "./tools.mjs";

/** @typedef {import("./groups.mjs").Group} Group */

script(async () => {
  const started = Date.now();
  const { chosen, filter } = choose(process.argv.slice(2));
  const env = testEnvironment(await setup());
  if (chosen.some(({ lane }) => lane === "rust")) await rustLints();

  let total = NONE;
  // The output of a single group is shown whole; of several groups only failures and figures.
  const verbose = chosen.length <= 2 || filter !== undefined;
  const running = new Set();
  const still = setInterval(() => say(`… still running: ${[...running].join(", ")}`), 30_000);
  const runLane = async (/** @type {Group["lane"]} */ lane) => {
    let built = true;
    for (const group of chosen.filter((group) => group.lane === lane)) {
      if (group.built && !built) continue;
      const began = Date.now();
      running.add(group.name);
      const { output, ...counts } = await group.run({ env, filter });
      running.delete(group.name);
      if (group.name === "build") built = counts.failed === 0;
      total = add(total, counts);
      if (verbose || counts.failed || group.name === "size") print(output.trimEnd());
      print(`${counts.failed ? "✗" : "✓"} ${group.name.padEnd(12)} ${seconds(began)}  ${line(counts)}`);
    }
  };
  await Promise.all([runLane("rust"), runLane("javascript")]);
  clearInterval(still);
  print(`${seconds(started)} in all`);
  if (total.passed + total.failed === 0) print("No test ran.");
  print(line(total));
  process.exitCode = total.failed || total.passed === 0 ? 1 : 0;
});

/**
 * @param {string[]} names
 * @returns {{ chosen: Group[], filter?: string }}
 */
function choose(names) {
  if (names.length === 0) return { chosen: groups };
  const known = (/** @type {string} */ name) => groups.filter((group) => [group.name, ...group.parts].includes(name));
  const filters = names.filter((name) => known(name).length === 0);
  if (filters.length > 1) throw new Error(`One name of a test at a time, not ${filters.join(" and ")}.`);
  const named = new Set(names.flatMap(known));
  // A filter alone looks through everything that has names.
  if (named.size === 0) for (const name of ["cargo", "node", "browser", "www"]) known(name).forEach((group) => named.add(group));
  if ([...named].some((group) => group.built)) known("build").forEach((group) => named.add(group));
  return { chosen: groups.filter((group) => named.has(group)), filter: filters[0] };
}

/**
 * The environment of the tests: without settings of this package, and without colours, because the output of runners is
 * parsed.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function testEnvironment({ FORCE_COLOR, CARGO_TERM_COLOR, ...env }) {
  env.NO_COLOR = "1";
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AUTOFLOW_")));
}

/** @param {string} text */
function print(text) {
  if (text) process.stdout.write(`${text}\n`);
}

/** @param {number} since */
function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`.padStart(8);
}

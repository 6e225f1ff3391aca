// @ts-check
// One client at one task, in a process of its own; prints what it measured after RESULT.
//   node client-process.mjs TASK CLIENT JSON
import { clients, shortRun } from "./clients.mjs";

const [task, name, json] = process.argv.slice(2);
const work = JSON.parse(json);
/** @param {number} nodes @param {object} bench what the server is to send */
function chain(nodes, bench) {
  /** @type {import("./clients.mjs").Prompt} */
  const prompt = { 0: { class_type: "Step", inputs: { bench } } };
  for (let at = 1; at < nodes; at += 1) prompt[at] = { class_type: "Step", inputs: { from: [String(at - 1), 0] } };
  return prompt;
}

/** @type {Record<string, () => Promise<object>>} */
const tasks = {
  /** From the first frame to the last, for each frame between. */
  async frames() {
    const client = await clients[name](work.url);
    // Compiled once, as in every program that runs for more than a second.
    await client.run(chain(work.nodes, { ...work, frames: work.warm, paceMs: 0 }), { output: "0", hear() {} });
    let heard = 0;
    let previews = 0;
    let first = moment();
    let last = first;
    await client.run(chain(work.nodes, work), {
      output: "0",
      hear(type) {
        if (type === "preview") previews += 1;
        if (type !== work.kind) return;
        heard += 1;
        if (heard === 1) first = moment();
        if (heard === work.frames) last = moment();
      },
    });
    if (last === first) last = moment();
    client.close();
    const frames = Math.max(1, heard - 1);
    return {
      heard,
      previews,
      wallUs: (1000 * (last.ms - first.ms)) / frames,
      cpuUs: (last.cpu - first.cpu) / frames,
      grownMB: (process.resourceUsage().maxRSS * 1024 - first.rss) / 1e6,
      keptMB: (process.memoryUsage.rss() - first.rss) / 1e6,
    };
  },

  /** When the promise settled, on the clock that all processes share. */
  async end() {
    let outcome = "resolved";
    const client = await clients[name](work.url).catch((error) => void (outcome = `not connected: ${error?.message ?? error}`));
    if (!client) return { settledAt: NaN, outcome };
    await client.run(work.prompt, { output: work.output, hear() {} }).catch((error) => (outcome = `rejected: ${error?.message ?? error}`));
    return { settledAt: performance.timeOrigin + performance.now(), outcome };
  },

  /** Many runs of one client at once. */
  async many() {
    const client = await clients[name](work.url);
    await client.run(shortRun(0), { output: work.output, hear() {} });
    const first = moment();
    let settled = 0;
    console.log("\nbegin");
    const runs = Array.from({ length: work.seeds }, (_, at) =>
      client.run(shortRun(at + 1), { output: work.output, hear() {} }).then(() => (settled += 1)),
    );
    await Promise.race([Promise.allSettled(runs), new Promise((resolve) => setTimeout(resolve, work.boundMs))]);
    const last = moment();
    return {
      settled,
      ms: last.ms - first.ms,
      cpuMs: (last.cpu - first.cpu) / 1000,
      grownMB: (process.resourceUsage().maxRSS * 1024 - first.rss) / 1e6,
    };
  },
};

/** @returns {{ ms: number, cpu: number, rss: number }} CPU in microseconds, all threads */
function moment() {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpu: user + system, rss: process.memoryUsage.rss() };
}

console.log(`\nRESULT ${JSON.stringify(await tasks[task]())}`);
process.exit();

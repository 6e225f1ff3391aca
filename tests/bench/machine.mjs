// @ts-check
// What a frame costs the run machine alone, natively, beside a plain parse of the same text: `examples/machine.rs`.
import { root } from "../../scripts/paths.mjs";
import { run } from "../../scripts/run.mjs";
import { ratio } from "./table.mjs";

const BAR = 3;
const FLAT = 0.2;

/** @returns {Promise<import("./table.mjs").Report>} */
export async function machine() {
  const { code, stdout, output } = await run("cargo", ["run", "--quiet", "--release", "--example", "machine"], { cwd: root });
  if (code !== 0) throw new Error(output);
  const rows = [...stdout.matchAll(/^(progress.*?) +(\d+) nodes +(\d+) ns +(\d+) ns +[\d.]+$/gm)].map(
    ([, frame, nodes, ours, parse]) => ({ frame, nodes: Number(nodes), ours: Number(ours), parse: Number(parse) }),
  );
  const worst = Math.max(...rows.map(({ ours, parse }) => ours / parse));
  const growth = rows
    .filter(({ nodes }) => nodes === 10)
    .map(({ frame, ours }) => (rows.find((row) => row.frame === frame && row.nodes === 1000)?.ours ?? NaN) / ours);
  const furthest = growth.reduce((far, one) => (Math.abs(one - 1) > Math.abs(far - 1) ? one : far), 1);
  return {
    title: "The machine alone",
    about: "From the text of a frame to the event, native and without a socket, beside a plain parse of the same text by serde_json.",
    tables: [
      {
        caption: "For a frame, ns",
        columns: ["", "nodes of the prompt", "machine", "serde_json", "ratio"],
        rows: rows.map(({ frame, nodes, ours, parse }) => [frame, String(nodes), String(ours), String(parse), ratio(ours, parse)]),
      },
    ],
    budgets: [
      { what: "the machine alone, per frame", bar: `≤ ${BAR} × a parse of that frame`, measured: `${ratio(worst, 1)} at most`, met: worst <= BAR },
      {
        what: "the same, at 10 and at 1,000 nodes",
        bar: `same (± ${FLAT * 100} %)`,
        measured: ratio(furthest, 1),
        met: growth.length > 0 && Math.abs(furthest - 1) <= FLAT,
      },
    ],
  };
}

// @ts-check
// The command line in a terminal: what the screen shows while a run goes on, and in the end.
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "comfyui-autoflow/testing";
import { pkg, root } from "../../scripts/paths.mjs";
import { NO_TERMINAL, inTerminal, screen } from "./support/terminal.mjs";

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startSimulator>>} */
let server;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-terminal-"));
  server = await startSimulator({ stepMs: 40 });
});
after(async () => {
  await server.close();
  await fs.rm(folder, { recursive: true });
});

/** The call of the README on a workflow as the editor saves it, with a seed of its own: nothing of it is cached. */
async function command(/** @type {number} */ columns) {
  const example = path.join(root, "examples", "text-to-image.workflow.json");
  const workflow = JSON.parse(await fs.readFile(example, "utf8"));
  const sampler = workflow.nodes.find((/** @type {any} */ node) => node.type === "KSampler");
  sampler.widgets_values[0] = columns;
  await fs.writeFile(path.join(folder, `workflow${columns}.json`), JSON.stringify(workflow));
  const files = `--input-path workflow${columns}.json --save-images out${columns} --filepattern frame.###.png`;
  return `"${process.execPath}" "${path.join(pkg, "cli.js")}" --submit --server-url ${server.url} ${files}`;
}

describe("autoflow in a terminal", { skip: NO_TERMINAL, timeout: 60_000 }, () => {
  for (const columns of [80, 40]) {
    test(`draws one line in place, ${columns} columns wide, and leaves what has come of the run`, async () => {
      const { code, lines, drawn } = await inTerminal(await command(columns), { columns, cwd: folder });
      assert.equal(code, 0, lines.join("\n"));
      const [id, end, file, ...more] = lines;
      assert.match(id, /^[0-9a-f-]{36}$/);
      assert.match(end, /^✓ done in \d:\d\d  7 nodes(, \d cached)?$/);
      assert.deepEqual([file, ...more], [path.join(`out${columns}`, "frame.000.png")]);
      assert.ok(drawn.length > 5, `drawn ${drawn.length} times`);
      for (const line of drawn) assert.ok(line.length < columns, `too wide: ${line}`);
      assert.ok(drawn.some((line) => /^ ?\d+%  .*KSampler \(\d+\)  \d+\/20/.test(line)), "the node and its step");
      assert.ok(drawn.some((line) => /~\d:\d\d left$/.test(line)), "the time that is left");
      const whole = drawn.map((line) => /^ ?(\d+)%/.exec(line)).filter((found) => found !== null);
      const percents = whole.map(([, percent]) => Number(percent));
      assert.deepEqual(percents, percents.toSorted((a, b) => a - b));
      if (columns === 80) assert.ok(drawn.some((line) => /━  .* of \d+ nodes  \d:\d\d/.test(line)), "bar, nodes, time");
    });
  }

  test("standard output carries the id and the path, and nothing of the bar", async () => {
    const { code, lines } = await inTerminal(`${await command(60)} > said.txt`, { columns: 60, cwd: folder });
    assert.equal(code, 0, lines.join("\n"));
    assert.equal(lines.length, 1);
    assert.match(lines[0], /^✓ done in/);
    const said = await fs.readFile(path.join(folder, "said.txt"), "utf8");
    assert.match(said, /^[0-9a-f-]{36}\nout60\/frame\.000\.png\n$/);
  });
});

test("a screen is read as a terminal shows it", () => {
  assert.deepEqual(screen("one\r\ntwo\rT\x1b[K\n", 80), { lines: ["one", "T"], drawn: ["T"] });
  assert.deepEqual(screen("\x1b[32mabcd\x1b[0m", 3).lines, ["abc", "d"]);
  assert.throws(() => screen("\x1b[2J", 80), /does not write/);
});

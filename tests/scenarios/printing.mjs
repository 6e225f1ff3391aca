// @ts-check
// The progress printer: what it writes, and where.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { counting } from "./prompts.mjs";
import { collectingReports, recorder } from "./runs.mjs";

/**
 * What a printer wrote during a run, as text.
 *
 * @param {import("./harness.mjs").Api} api @param {import("./harness.mjs").Sim} sim
 * @param {import("comfyui-autoflow").ProgressPrinterOptions} options
 */
async function printed(api, sim, options) {
  const server = await sim.start({ lab: true });
  let text = "";
  const stream = { write: (/** @type {string} */ part) => (text += part), ...options.stream };
  const heard = recorder();
  const print = api.progressPrinter({ ...options, stream });
  const onEvent = api.chainCallbacks(heard, print);
  await api.submit(counting({ preview: true }), { serverUrl: server.url, wait: true, previews: true, onEvent });
  return { text, lines: text.trimEnd().split("\n"), heard };
}

scenario("json prints one compact object a line, without what raw says again", async (api, sim) => {
  const { lines, heard } = await printed(api, sim, { format: "json" });
  const expected = heard.events.map(({ raw, ...event }) => {
    const { image, ...data } = /** @type {any} */ (event.data);
    return { ...event, data: image ? { ...data, image: { size: image.size, type: image.type } } : data };
  });
  // Two frames of one millisecond may say the same.
  const repeats = (/** @type {number} */ at) => JSON.stringify(expected[at]) === JSON.stringify(expected[at - 1]);
  equal(lines.map((line) => JSON.parse(line)), expected.filter((_, at) => !repeats(at)));
});

scenario("raw prints what the server sent", async (api, sim) => {
  const { lines, heard } = await printed(api, sim, { raw: true, eventTypes: ["progress", "completed"] });
  equal(lines.map((line) => JSON.parse(line)), [...heard.of("progress"), heard.end()].map(({ raw }) => raw));
});

scenario("eventTypes lets through what it names", async (api, sim) => {
  const { lines } = await printed(api, sim, { format: "{type}", eventTypes: ["executing", "completed"] });
  equal(lines, ["executing", "executing", "executing", "completed"]);
});

scenario("a template prints a line an event, a list as its length", async (api, sim) => {
  const format = "{node_current} {node_progress}% of {nodes_progress:.0%}, {nodes_total} nodes";
  const { lines } = await printed(api, sim, { format, eventTypes: ["progress", "completed"] });
  equal(lines[0], "1 25% of 12%, 2 nodes");
  equal(lines[lines.length - 1], "null 0% of 100%, 2 nodes");
});

scenario("a bar redraws one line on a terminal, and ends it", async (api, sim) => {
  const { text } = await printed(api, sim, { format: "bar", stream: /** @type {any} */ ({ isTTY: true, columns: 60 }) });
  match(text, /\r/);
  ok(text.endsWith("\n"), "the line is ended");
  match(text, /100/);
});

scenario("without a format it is a bar on a terminal and JSON elsewhere", async (api, sim) => {
  const terminal = await printed(api, sim, { stream: /** @type {any} */ ({ isTTY: true, columns: 60 }) });
  match(terminal.text, /\r/);
  const file = await printed(api, sim, { stream: /** @type {any} */ ({ isTTY: false }) });
  equal(JSON.parse(file.lines[file.lines.length - 1]).type, "completed");
});

scenario("a stream that throws does not stop the run", async (api, sim) => {
  const write = () => {
    throw new Error("the pipe is broken");
  };
  await collectingReports(async (reported) => {
    const { heard } = await printed(api, sim, { format: "json", stream: { write } });
    equal(heard.end().type, "completed");
    ok(reported.length > 0, "it is reported");
  });
});

scenario("a printer that cannot print is refused when it is made", async (api) => {
  /** @type {[any, RegExp][]} */
  const wrong = [
    [{ format: "{nope}" }, /nope.*nodes_progress/],
    [{ format: 7 }, /format/],
    [{ format: "barr" }, /^The format is "bar", "json" or a text with fields of events, .*; `barr` is none of them\.$/],
    [{ format: "" }, /none of them/],
    [{ raw: "yes" }, /raw/],
    [{ eventTypes: "progress" }, /eventTypes/],
    [{ stream: {} }, /stream.*write/],
    [{ colour: true }, /no option colour/],
    ["json", /options of progressPrinter/],
  ];
  for (const [options, message] of wrong) {
    const error = await rejects(() => api.progressPrinter(options), { code: "bad_input" });
    match(error.message, message);
  }
});

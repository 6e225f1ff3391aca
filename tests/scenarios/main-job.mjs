// @ts-check
// The main job: a prompt goes in, every event comes out, the picture is fetched.
import { equal, ok, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";

/** @typedef {import("comfyui-autoflow").ComfyEvent} ComfyEvent */

scenario("a run tells of every step, ends with one completed, and gives its picture", async (api, sim) => {
  // Begins once the client knows that the prompt is taken: pictures that come before that are of nobody.
  const server = await sim.start({ held: true });
  /** @type {ComfyEvent[]} */
  const events = [];
  const run = await api.submit(textToImage(), {
    serverUrl: server.url,
    wait: true,
    previews: true,
    onEvent: (event) => {
      events.push(event);
      if (event.type === "submitted") void server.resume();
    },
  });

  const types = events.map((event) => event.type);
  for (const type of ["submitted", "execution_start", "executing", "progress", "preview", "executed"]) {
    ok(types.includes(/** @type {ComfyEvent["type"]} */ (type)), `no ${type} among ${types}`);
  }
  equal(types.filter((type) => ["completed", "error", "interrupted"].includes(type)), ["completed"]);
  const end = events[events.length - 1];
  equal([end.type, end.nodes_progress, end.detected_by], ["completed", 1, undefined]);
  equal(end.nodes_done.length, 7, "every node is done");
  const progress = events.map((event) => event.nodes_progress);
  equal(progress, [...progress].sort((a, b) => a - b), "nodes_progress never falls");

  const images = await run.fetchImages();
  equal(images.length, 1);
  const bytes = await images[0].bytes();
  equal([...bytes.slice(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "a PNG");
});

// @ts-check
// Plays scenarios one after the other and then does nothing to end: `node play-and-exit.mjs NAME…`. What keeps the
// process alive at that point is printed; a process that nothing keeps alive ends.
import * as api from "comfyui-autoflow/workflow";
import { play } from "../../scenarios/harness.mjs";
import { load } from "../../scenarios/index.mjs";
import { Simulators } from "../../scenarios/simulators.mjs";

await load();
for (const name of process.argv.slice(2)) {
  const simulators = new Simulators();
  await play(name, api, (id, method, args) => simulators.ask(id, method, args));
  await simulators.close();
}
process.once("beforeExit", () => {
  // The pipe is what this is printed to.
  const { WebSocket } = globalThis;
  console.log(JSON.stringify({ left: process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap"), socket: typeof WebSocket }));
});

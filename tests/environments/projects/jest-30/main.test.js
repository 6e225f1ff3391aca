const fs = require("node:fs");
const { Workflow } = require("comfyui-autoflow");
const { startSimulator } = require("comfyui-autoflow/testing");
const { WebSocket } = require("ws");
const { mainJob } = require("./main-job.cjs");
const server = require("./server.json");

test("a test with a simulator of its own", async () => {
  const simulator = await startSimulator({ stepMs: 0 });
  const own = await mainJob({ Workflow }, simulator.url, { webSocket: WebSocket });
  await simulator.close();
  expect(own.events.at(-1)).toBe("completed");
}, 60_000);

test("the main job", async () => {
  const outcome = await mainJob({ Workflow }, server, { webSocket: WebSocket });
  fs.writeFileSync("outcome.json", JSON.stringify(outcome));
}, 60_000);

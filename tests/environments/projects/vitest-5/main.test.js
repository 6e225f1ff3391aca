import fs from "node:fs";
import { Workflow } from "comfyui-autoflow";
import { startSimulator } from "comfyui-autoflow/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { mainJob } from "./main-job.js";
import server from "./server.json";

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

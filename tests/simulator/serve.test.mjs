// The command line of the simulator.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SERVE = fileURLToPath(new URL("../../pkg-template/testing/serve.js", import.meta.url));

test("serve.js prints its address, answers, and stops on a signal", async () => {
  const child = spawn(process.execPath, [SERVE, "--port", "0", "--cors", "--step-ms", "0"]);
  const [line] = await once(child.stdout, "data");
  const url = /http:\/\/\S+/.exec(String(line))[0];
  const answer = await fetch(`${url}/object_info/KSampler`, { headers: { Origin: "http://elsewhere.example" } });
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.ok((await answer.json()).KSampler);
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
});

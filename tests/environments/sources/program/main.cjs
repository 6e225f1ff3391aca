// node main.cjs SERVER [ws]
const process = require("node:process");
const { Workflow } = require("comfyui-autoflow");

const [, , server, ws] = process.argv;
const options = ws ? { webSocket: require("ws").WebSocket } : {};
import("./main-job.js").then(async ({ mainJob }) => {
  process.stdout.write(JSON.stringify(await mainJob({ Workflow }, server, options)));
});

const process = require("node:process");
const { Workflow } = require("comfyui-autoflow/node");
const { mainJob } = require("./main-job.js");

mainJob({ Workflow }, process.argv[2]).then((outcome) => process.stdout.write(JSON.stringify(outcome)));

const process = require("node:process");
const { submit } = require("comfyui-autoflow/node");
const { mainJob } = require("./main-job.js");

mainJob({ submit }, process.argv[2]).then((outcome) => process.stdout.write(JSON.stringify(outcome)));

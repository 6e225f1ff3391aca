// @ts-check
// Only runtimes with a disk come here (see `exports` in package.json), so the wasm is read instead of inlined again.
const fs = require("node:fs");
const path = require("node:path");

exports.__esModule = true;
exports.default = () => fs.readFileSync(path.join(__dirname, "../client.wasm"));

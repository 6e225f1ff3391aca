// @ts-check
// `npm run build:extension`: makes target/extension, which Chromium loads unpacked.
import path from "node:path";
import { build } from "./build.mjs";
import { buildExtension, extension } from "./page.mjs";
import { root } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { setup } from "./setup.mjs";

script(async () => {
  await build(await setup());
  await buildExtension();
  say(`${path.relative(root, extension)} is built: load it unpacked at chrome://extensions.`);
});

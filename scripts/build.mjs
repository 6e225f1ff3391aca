// @ts-check
// `npm run build`: makes pkg/, the folder that is published. Does nothing where nothing changed.
import path from "node:path";
import { locked } from "./lock.mjs";
import { assemble } from "./package.mjs";
import { root, target } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { setup } from "./setup.mjs";
import { buildWasm } from "./wasm.mjs";

/** @param {NodeJS.ProcessEnv} env from `setup` */
export async function build(env) {
  await locked(path.join(target, "build.lock"), async () => {
    const compiled = await buildWasm(env);
    const assembled = await assemble();
    say(compiled || assembled ? "pkg/ is built." : "pkg/ is up to date.");
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, "scripts", "build.mjs")) {
  script(async () => build(await setup()));
}

// @ts-check
// Builds the demo page and the extension with Vite, as users of the package would. Does nothing where nothing changed.
import path from "node:path";
import { pkg, root, target } from "./paths.mjs";
import { filesUnder, madeOf } from "./stamp.mjs";

/** The built demo page. */
export const page = path.join(target, "www");

/** The built extension, to be loaded unpacked. */
export const extension = path.join(target, "extension");

/** @returns {Promise<boolean>} whether it had to be built */
export function buildPage() {
  const own = filesUnder("www").filter((name) => !name.startsWith(path.join("www", "extension")));
  const inputs = [...own, "examples", ...packageFiles()];
  return built({ name: "page", inputs, config: "www/vite.config.mjs", output: path.join(page, "index.html") });
}

/** @returns {Promise<boolean>} whether it had to be built */
export function buildExtension() {
  const inputs = ["www/extension", ...packageFiles()];
  const config = "www/extension/vite.config.mjs";
  return built({ name: "extension", inputs, config, output: path.join(extension, "manifest.json") });
}

/** @param {{ name: string, inputs: string[], config: string, output: string }} what */
function built({ name, inputs, config, output }) {
  return madeOf({ name, inputs: [...inputs, "package-lock.json"], outputs: [output] }, async () => {
    const { build } = await import("vite");
    await build({ configFile: path.join(root, config), logLevel: "warn" });
  });
}

/** What of the package reaches a browser. */
function packageFiles() {
  const top = path.relative(root, pkg);
  return filesUnder(top).filter((name) => name.endsWith(".js") && !/[/\\](cjs|testing|cli)[/\\]/.test(name));
}

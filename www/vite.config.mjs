// @ts-check
// The page as a user of the package builds it: nothing that it needs is special.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root,
  // The page may stand under any path.
  base: "./",
  build: {
    target: "es2022",
    outDir: path.join(root, "../target/www"),
    emptyOutDir: true,
    // The package carries its wasm.
    chunkSizeWarningLimit: 2000,
  },
});

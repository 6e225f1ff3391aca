// @ts-check
// The extension, to be loaded unpacked from target/extension.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const pages = ["offscreen.html", "options.html", "panel.html", "result.html"];

export default defineConfig({
  root,
  base: "./",
  build: {
    target: "es2022",
    outDir: path.join(root, "../../target/extension"),
    emptyOutDir: true,
    // It is there for servers, and the service worker has no document.
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: [...pages, "service-worker.js"].map((name) => path.join(root, name)),
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});

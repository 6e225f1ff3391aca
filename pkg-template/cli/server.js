// @ts-check
// Which server the command line works with, and the key for it.
import { UsageError } from "./arguments.js";

/** @param {{ serverUrls: string[] }} args */
export function serverUrl({ serverUrls: [url] }) {
  if (url) return url;
  throw new UsageError("the server is missing: --server-url http://127.0.0.1:8188, or set AUTOFLOW_COMFYUI_SERVER_URL");
}

export function apiKey() {
  return process.env.AUTOFLOW_API_KEY || undefined;
}

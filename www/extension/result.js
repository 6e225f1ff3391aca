// @ts-check
// Shows the results of a run in a tab.
import { Submission } from "comfyui-autoflow";
import { allowServer } from "comfyui-autoflow/extension";
import { byId, make } from "../app/dom.js";
import { job } from "./stored.js";

try {
  const known = await job(new URL(location.href).searchParams.get("job") ?? "");
  if (!known?.promptId || !known.serverUrl) throw new Error("This run belongs to an earlier session of the browser.");
  byId("title").textContent = document.title = known.name;
  await allowServer(known.serverUrl);
  // The settings may name another server by now, whose key is not for this one.
  const { promptId, clientId, serverUrl, apiKey } = known;
  const submission = Submission.fromPromptId(promptId, { serverUrl, clientId, ...(apiKey ? { apiKey } : {}) });
  await submission.fetchHistory();
  const files = await submission.fetchFiles();
  if (!files.length) byId("files").append(make("p", {}, "The run made nothing to show."));
  for (const file of files) byId("files").append(await show(file));
} catch (error) {
  byId("problem").textContent = error instanceof Error ? error.message : String(error);
  byId("problem").hidden = false;
}

/** @param {import("comfyui-autoflow").ResultFile} file */
async function show(file) {
  if (!file.url) return make("pre", {}, await file.text());
  const blob = await file.blob();
  const url = URL.createObjectURL(blob);
  // A browser that opens the link instead of saving it must not show it as a document of the extension.
  const saved = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  const download = make("a", { className: "button", href: saved, download: file.filename }, "Download");
  const name = /** @type {Record<string, string>} */ ({ image: "img", video: "video", audio: "audio" })[file.kind];
  const shown = name ? make(name, { src: url, alt: file.filename, controls: true }) : null;
  return make("figure", {}, shown, make("figcaption", {}, `${file.filename} `, download));
}

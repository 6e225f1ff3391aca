// @ts-check
// The names of the client, the same for every entry.
import * as glue from "./client.js";
import { eventStream } from "./event-stream.js";
import { own } from "./api-flow.js";
import { inspectable } from "./inspectable.js";
import { client, whenReady } from "./modules.js";
import { SERVER, pick } from "./server-options.js";
import { sourceNow } from "./snapshot.js";
import { submit as submitPrompt } from "./submit.js";
import { rejectWhenGone } from "./trap.js";
import { uploadable } from "./upload-source.js";

export { chainCallbacks } from "./callbacks.js";
export { ComfyError } from "./comfy-error.js";
export { ApiFlow, ResultFile, Submission, Workflow } from "./client.js";
export { ComfyClient } from "./comfy-client.js";
export { ComfyPool } from "./comfy-pool.js";
export { init } from "./modules.js";

client.glue = { initSync: glue.initSync, restart: glue.restart };
// Bundlers may run the entry, which carries the wasm, before this file.
client.start();

const promises = { promises: true };

// The classes themselves are exported, so that instanceof holds for what the wasm returns; the ways in are guarded.
const { load } = glue.Workflow;
/** @type {any} */ (glue.Workflow).load = whenReady(
  client,
  "Workflow.load",
  (/** @type {any} */ source, /** @type {any} */ options) => {
    // As it is at the call.
    const server = pick(Object(options), SERVER);
    return load.call(glue.Workflow, sourceNow(source), options).then((api) => own(api, { server }));
  },
  promises,
);
glue.Submission.fromPromptId = whenReady(client, "Submission.fromPromptId", glue.Submission.fromPromptId);

/** @type {any} */ (glue.Submission.prototype).events = function (/** @type {any} */ options) {
  return eventStream((onEvent, onEnd) => {
    const stop = this.listen(onEvent, onEnd, options);
    const done = client.guard.onTrap((reason) => onEnd(reason, false));
    return () => {
      done();
      stop();
    };
  });
};

export const submit = whenReady(client, "submit", submitPrompt, promises);
export const progressPrinter = whenReady(client, "progressPrinter", glue.progressPrinter);
/** @param {string} name @param {(file: any, options: any) => Promise<any>} upload */
const uploader = (name, upload) =>
  whenReady(client, name, (/** @type {any} */ file, /** @type {any} */ options) => uploadable(name, file, options, upload), promises);
export const uploadImage = uploader("uploadImage", glue.uploadImage);
export const uploadMask = uploader("uploadMask", glue.uploadMask);

rejectWhenGone(glue.ApiFlow, ["submit", "upload"]);
rejectWhenGone(glue.ResultFile, ["blob", "bytes", "stream", "text"]);
rejectWhenGone(glue.Submission, ["cancel", "fetchFiles", "fetchHistory", "fetchImages", "wait"]);

inspectable(glue.ApiFlow, ["prompt", "warnings", "dropped"]);
inspectable(glue.ResultFile, ["filename", "subfolder", "type", "kind", "key", "nodeId", "mimeType", "url"]);
inspectable(glue.Submission, ["promptId", "clientId", "serverUrl", "status", "number", "nodeErrors", "outputs"]);

// @ts-check
// The names of the client, the same for every entry.
import * as glue from "./client.js";
import { eventStream } from "./event-stream.js";
import { inspectable } from "./inspectable.js";
import { client, whenReady } from "./modules.js";
import { rejectWhenGone } from "./trap.js";

export { chainCallbacks } from "./callbacks.js";
export { ComfyError } from "./comfy-error.js";
export { ApiFlow, ResultFile, Submission, Workflow } from "./client.js";
export { ComfyClient } from "./comfy-client.js";
export { ComfyPool } from "./comfy-pool.js";
export { init } from "./modules.js";

client.glue = { initSync: glue.initSync, restart: glue.restart };

const promises = { promises: true };

// The classes themselves are exported, so that instanceof holds for what the wasm returns; the ways in are guarded.
glue.Workflow.load = whenReady(client, "Workflow.load", glue.Workflow.load, promises);
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

export const submit = whenReady(client, "submit", glue.submit, promises);
export const progressPrinter = whenReady(client, "progressPrinter", glue.progressPrinter);
export const uploadImage = whenReady(client, "uploadImage", glue.uploadImage, promises);
export const uploadMask = whenReady(client, "uploadMask", glue.uploadMask, promises);

inspectable(glue.ComfyClient, ["serverUrl", "clientId", "dialect"]);
rejectWhenGone(glue.ApiFlow, ["submit", "upload"]);
rejectWhenGone(glue.ResultFile, ["blob", "bytes", "stream", "text"]);
rejectWhenGone(glue.Submission, ["cancel", "fetchFiles", "fetchHistory", "fetchImages", "wait"]);

inspectable(glue.ApiFlow, ["prompt", "warnings", "dropped"]);
inspectable(glue.ResultFile, ["filename", "subfolder", "type", "kind", "key", "nodeId", "mimeType", "url"]);
inspectable(glue.Submission, ["promptId", "clientId", "serverUrl", "status", "number", "nodeErrors", "outputs"]);

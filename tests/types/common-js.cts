// `require` finds declarations that fit CommonJS.
import autoflow = require("comfyui-autoflow");
import slim = require("comfyui-autoflow/slim");

const { submit } = autoflow;
export const ready: Promise<void> = slim.init(new Uint8Array());
export const run: Promise<autoflow.Submission> = submit({}, { serverUrl: "http://127.0.0.1:8188" });

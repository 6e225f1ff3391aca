// @ts-check
// What everybody who is measured is called in tables.
export const OURS = "comfyui-autoflow";
export const BARE = "bare socket, JSON.parse";
export const SAINTNO = "@saintno/comfyui-sdk";
export const STABLE_CANVAS = "@stable-canvas/comfyui-client";
export const COMFY_UI_CLIENT = "comfy-ui-client";
export const COMFYORG = "@comfyorg/sdk";
export const AUTOFLOW_PYTHON = "comfyui-autoflow (Python)";
export const AUTOGRAPH = "comfyui-autograph (Python)";
export const COMFY_CLI = "comfy-cli (Python)";

// @ts-check
// The offscreen document, which holds the sockets.
import { Submission, submit, uploadImage } from "comfyui-autoflow";
import { serveOffscreen } from "comfyui-autoflow/extension";

serveOffscreen({ submit, Submission, uploadImage });

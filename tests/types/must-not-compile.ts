// Mistakes that the types must catch; each line fails the check when its mistake compiles.
import { ComfyError, Submission, convert, submit, type ComfyEvent } from "comfyui-autoflow";
import { init } from "comfyui-autoflow/slim";

declare const event: ComfyEvent;

// @ts-expect-error a prompt is an object of nodes
submit(["not", "a", "prompt"], { serverUrl: "http://127.0.0.1:8188" });
// @ts-expect-error a node has a class
submit({ "1": { inputs: {} } }, { serverUrl: "http://127.0.0.1:8188" });
// @ts-expect-error the option is called serverUrl
submit({}, { server_url: "http://127.0.0.1:8188" });
// @ts-expect-error milliseconds are a number
submit({}, { waitTimeoutMs: "5s" });
// @ts-expect-error a callback is a function
submit({}, { wait: true, onEvent: "json" });
// @ts-expect-error no such event
if (event.type === "finished") console.log();
// @ts-expect-error only progress has a value
event.data.value;
// @ts-expect-error events are not written to
event.nodes_total.push("1");
// @ts-expect-error the object info is needed
convert({ nodes: [] });
// @ts-expect-error a submission comes from a server
new Submission();
// @ts-expect-error an error comes from a call
new ComfyError("timeout", "");
// @ts-expect-error no such code
if ((Error() as ComfyError).code === "nope") console.log();
// @ts-expect-error the slim entry needs the wasm
init();

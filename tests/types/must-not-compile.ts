// Mistakes that the types must catch; each line fails the check when its mistake compiles.
import { ComfyError, Submission, Workflow, submit } from "comfyui-autoflow";
import type { ComfyEvent, EventOf } from "comfyui-autoflow";
import { init } from "comfyui-autoflow/slim";
import { ObjectInfo, convert } from "comfyui-autoflow/workflow";

declare const event: ComfyEvent;
declare const failed: EventOf<"error">;

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
// @ts-expect-error the default entry has no synchronous conversion
import("comfyui-autoflow").then(({ convert }) => convert);
// @ts-expect-error without waiting nobody hears events
submit({}, { onEvent: () => {} });
// @ts-expect-error nor here
submit({}, { wait: false, onEvent: () => {} });
// @ts-expect-error a run that is lost brings no exception
failed.data.exception_message.length;
// @ts-expect-error and one whose node failed no code
failed.data.code.length;
// @ts-expect-error the answer to the submission is in the Submission
if (event.type === "submitted") event.data.number;
// @ts-expect-error no kind of file is a number
new Submission().fetchFiles({ kinds: [1] });
// @ts-expect-error a workflow has to be awaited
Workflow.load(fetch("/workflow.json"));
// @ts-expect-error a loaded workflow too
submit(Workflow.load("{}"));
// @ts-expect-error and the schema
convert({ nodes: [] }, ObjectInfo.fetch("http://127.0.0.1:8188"));
// @ts-expect-error also where it is given as JSON
ObjectInfo.from(Promise.resolve({}));

// Options and inputs as strict projects have them: optional fields that hold undefined, types of their own, none at all.
import {
  ApiFlow,
  Submission,
  Workflow,
  progressPrinter,
  submit,
  uploadImage,
  uploadMask,
} from "comfyui-autoflow";
import { ObjectInfo, convert } from "comfyui-autoflow/workflow";
import type { EventCallback, Prompt, SubmitOptions, WaitOptions } from "comfyui-autoflow";
import type { ResultFile, ResultFileJson } from "comfyui-autoflow";

declare const prompt: Prompt;
declare const flow: ApiFlow;
declare const run: Submission;
declare const file: File;

// The environment may name the server.
await submit(prompt);
await flow.submit();
await ObjectInfo.fetch();
await uploadImage(file);
await flow.upload(file);
Submission.fromPromptId("id");

// Whatever is undefined or null is as good as absent.
interface Mine {
  signal?: AbortSignal;
  serverUrl?: string;
  onEvent?: EventCallback;
}
export async function passedOn({ signal, serverUrl, onEvent }: Mine): Promise<void> {
  await submit(prompt, { wait: true, signal, serverUrl, onEvent, apiKey: undefined, headers: null, clientId: null });
  await submit(prompt, { signal, serverUrl, fetch: undefined, webSocket: null, previews: undefined, extraData: null });
  await run.wait({ signal, onEvent, waitTimeoutMs: undefined, pollQueue: null });
  for await (const _ of run.events({ signal, idleTimeoutMs: undefined })) break;
  await run.fetchFiles({ kinds: undefined, signal });
  await run.fetchImages({ signal });
  await ObjectInfo.fetch(serverUrl, { signal });
  await Workflow.load("{}", { serverUrl, signal, objectInfo: undefined, allowUnknown: undefined });
  await uploadImage(file, { serverUrl, name: undefined, overwrite: null, signal });
  await uploadMask(file, { serverUrl, originalRef: { filename: "a.png", subfolder: undefined } });
  progressPrinter({ format: undefined, stream: null, prompt: undefined, raw: null, eventTypes: undefined });
  progressPrinter(null);
  convert({ nodes: [] }, {}, null);
  flow.find({ title: undefined, id: 5 });
}

// What is known as a boolean may be true.
declare const wait: boolean;
await submit(prompt, { wait });
await submit(prompt, { wait, onEvent: (event) => event.type });
await submit(prompt, { wait: false, onEvent: null });
const inferred = { wait: true, onEvent: progressPrinter() };
await submit(prompt, inferred);
await submit(prompt, { ...inferred, promptId: "another" });
await flow.submit(inferred);
const kept: SubmitOptions = { serverUrl: "http://127.0.0.1:8188", wait: true, onEvent: (event) => event.type };
await submit(prompt, kept);
await submit(prompt, { ...kept, promptId: "another" });
const literal = { wait: true, onEvent: () => {} } as const;
await flow.submit(literal);
const waiting: WaitOptions = { pollQueue: true };
await submit(prompt, { wait: true, ...waiting });

// A type of one's own for a workflow or a schema.
interface MyWorkflow {
  nodes: { id: number; type: string }[];
  version: 0.4;
}
interface MySchema {
  KSampler: { input: object };
}
declare const workflow: MyWorkflow;
declare const schema: MySchema;
declare const anything: Record<string, unknown>;
convert(workflow, schema);
convert(anything, anything);
ObjectInfo.from(schema);
await Workflow.load(workflow, { objectInfo: schema });
await Workflow.load(anything, { objectInfo: anything });
await Workflow.load(new Uint8Array());
await Workflow.load(new URL("https://example.org/workflow.json"));

// Lists of names know those that there are, and take others.
progressPrinter({ eventTypes: ["progress", "my_pack.done"] });
await run.fetchFiles({ kinds: ["image", "gifs"] });

// What is kept for later.
const { promptId, ...rest } = run.toJSON();
rest satisfies { clientId: string; serverUrl: string; status: Submission["status"] };
Submission.fromPromptId(promptId, { clientId: rest.clientId, serverUrl: rest.serverUrl });
export const described = (result: ResultFile): ResultFileJson => result.toJSON();

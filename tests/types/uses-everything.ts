// Uses the whole public surface the way a strict project would; compiling is the test.
import {
  ApiFlow,
  ComfyError,
  Submission,
  Workflow,
  chainCallbacks,
  init,
  progressPrinter,
  submit,
} from "comfyui-autoflow";
import type {
  ComfyErrorCode,
  ComfyEvent,
  EventCallback,
  EventOf,
  EventType,
  Outputs,
  Prompt,
  ResultFile,
  SubmitOptions,
  TerminalEvent,
} from "comfyui-autoflow";
import * as node from "comfyui-autoflow/node";
import * as slim from "comfyui-autoflow/slim";
import { ObjectInfo, convert } from "comfyui-autoflow/workflow";
import type { Conversion } from "comfyui-autoflow/workflow";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function sure<T extends true>(): T;

const prompt: Prompt = { "1": { class_type: "KSampler", inputs: { seed: 1, model: ["4", 0] }, _meta: { title: "K" } } };

// Each case of `type` knows its own data, and the three terminals are told from the rest.
export function describe(event: ComfyEvent): string {
  switch (event.type) {
    case "progress":
      return `${event.data.value}/${event.data.max} ${event.node_current ?? "-"}`;
    case "executing":
      return event.data.node ?? "none left";
    case "executed":
      return event.data.output?.images?.[0]?.filename ?? "nothing";
    case "preview":
      return `${event.data.mime_type}, ${event.data.image.size} bytes`;
    case "connection":
      return `${event.data.state} (${event.data.attempt}): ${event.data.reason ?? ""}`;
    case "completed":
      return event.detected_by === "history" ? String(event.data.status?.completed) : "by its frame";
    case "error":
      return `${event.data.node_type}: ${event.data.exception_message}`;
    case "interrupted":
      return event.prompt_id;
    default:
      return event.type;
  }
}

sure<Same<EventOf<"progress">["data"]["value"], number>>();
sure<Same<TerminalEvent["type"], "completed" | "error" | "interrupted">>();
sure<Same<Extract<EventType, "submitted">, "submitted">>();

// A custom node's event, by name.
type Mine = { "my_pack.done": { path: string } };
const custom: EventCallback<Mine> = (event) => {
  if (event.type === "my_pack.done") event.data.path.toUpperCase();
  if (event.type === "progress") event.data.value.toFixed();
};

export async function everything(file: File, signal: AbortSignal): Promise<Outputs> {
  await init();
  const info: ObjectInfo = await ObjectInfo.fetch("http://127.0.0.1:8188", { signal });
  const { prompt: converted, warnings, dropped, chosen } = convert({ nodes: [], links: [] }, info, { random: 7 });
  [...warnings, ...dropped].map(({ node, pack }) => node.length + (pack?.length ?? 0));
  chosen.map(({ node, input, value }) => [node, input, value satisfies unknown]);
  convert("{}", ObjectInfo.from("{}"));
  convert("{}", {}) satisfies Conversion;

  const flow: ApiFlow = await Workflow.load(file, { objectInfo: info });
  await Workflow.load(new URL("https://example.org/workflow.json"), { serverUrl: "http://127.0.0.1:8188" });
  for (const found of flow.find({ classType: "KSampler" })) found.inputs.seed = 2;
  flow.toJSON() satisfies Prompt;

  const options: SubmitOptions = {
    serverUrl: new URL("http://127.0.0.1:8188/comfy/"),
    clientId: "me",
    promptId: "b5bd9f9b-9a4c-4f2a-8f0d-0f9f5a1d7c11",
    wait: true,
    onEvent: chainCallbacks(progressPrinter({ format: "bar", stream: process.stderr }), null, undefined, (event) => {
      describe(event);
    }),
    signal,
    idleTimeoutMs: 5000,
    pollIntervalMs: 500,
    waitTimeoutMs: 60_000,
    pollQueue: true,
    previews: true,
    front: true,
    extraData: { extra_pnginfo: {} },
    partialExecutionTargets: ["9"],
    apiKey: "key",
    headers: { authorization: "Basic …" },
    fetch: globalThis.fetch,
    webSocket: (await import("ws")).WebSocket,
  };
  await submit(prompt, options);
  await submit<Mine>(converted, { serverUrl: "http://127.0.0.1:8188", wait: true, onEvent: custom });
  const run: Submission = await flow.submit({ ...options, wait: false, onEvent: null });

  const again = Submission.fromPromptId(run.promptId, { serverUrl: "http://127.0.0.1:8188", clientId: run.clientId });
  await again.wait({ onEvent: custom, idleTimeoutMs: 1000 });
  for await (const event of again.events<Mine>({ signal })) if (event.type === "my_pack.done") event.data.path.trim();
  await again.cancel();
  const files: ResultFile[] = await again.fetchFiles({ kinds: ["images", "gifs"] });
  const [image] = await again.fetchImages();
  if (image) await Promise.all([image.blob(), image.bytes()]);
  void [files[0]?.url, again.number?.toFixed(), again.nodeErrors["1"]?.errors[0]?.message, again.history?.status];
  return again.outputs;
}

export function explain(error: unknown): ComfyErrorCode | undefined {
  if (!(error instanceof ComfyError)) return undefined;
  if (error.code === "execution_error") console.error(error.nodeId, error.nodeType, error.event?.type, error.cause);
  return error.code;
}

// The other entries have the same names, so that code moves between them.
sure<Same<typeof slim.submit, typeof submit>>();
sure<Same<typeof node.Submission, typeof Submission>>();
await slim.init(fetch("/client.wasm"));
await slim.init({ client: new URL("https://example.org/client.wasm"), converter: new Uint8Array() });
await slim.init(Promise.resolve({ client: "/client.wasm", converter: undefined }));
await slim.init(new Uint8Array());

// Events as a strict project handles them: custom ones, the printer beside them, and every way in which a run ends.
import { chainCallbacks, progressPrinter, submit } from "comfyui-autoflow";
import type { ComfyEvent, EventData, EventOf, ProgressPrinter, Prompt, Submission } from "comfyui-autoflow";
import type { HistoryStatus } from "comfyui-autoflow";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function sure<T extends true>(): T;
declare const prompt: Prompt;
declare const run: Submission;

// A printer goes with events of one's own, wherever a callback does.
type My = { "my_pack.done": { path: string } };
const mine = (event: ComfyEvent<My>) => event.type === "my_pack.done" && event.data.path.trim();
const printer: ProgressPrinter = progressPrinter();
await submit<My>(prompt, { wait: true, onEvent: progressPrinter() });
await submit(prompt, { wait: true, onEvent: printer });
await submit<My>(prompt, { wait: true, onEvent: chainCallbacks<My>(progressPrinter(), mine) });
await submit<My>(prompt, { wait: true, onEvent: chainCallbacks(progressPrinter({ format: "bar" }), mine) });
await submit(prompt, { wait: true, onEvent: chainCallbacks(printer, (event) => event.data, null) });
await run.wait<My>({ onEvent: progressPrinter() });
chainCallbacks<My>(progressPrinter(), mine)(null! as ComfyEvent<My>);
chainCallbacks(progressPrinter(), (event: ComfyEvent<My>) => event.type === "my_pack.done" && event.data.path);
for await (const event of run.events<My>()) printer(event);
printer.finish();

// What is always there is a number.
declare const event: ComfyEvent;
sure<Same<ComfyEvent["node_progress" | "node_progress_value" | "node_progress_max"], number>>();
sure<Same<ComfyEvent["time_queued_s" | "node_execution_time_s"], number>>();
sure<Same<ComfyEvent["node_current"], string | null>>();
sure<Same<EventData["submitted"], {}>>();

// A preview is something to show.
export const shown = (preview: EventOf<"preview">) =>
  [URL.createObjectURL(preview.data.image), preview.data.prompt_id, preview.data.image_type?.length] as const;

// An error is told apart by its code, or asked for what may be there.
export function explain({ data }: EventOf<"error">): string {
  switch (data.code) {
    case "vanished":
    case "network":
      return data.message;
    case "unauthorized":
      return `${data.message} (${data.status.toFixed()})`;
    case undefined:
      data.status satisfies HistoryStatus | null | undefined;
      return `${data.node_type}: ${data.exception_message ?? data.exception_type}, ${data.outputs?.["9"]?.images?.length}`;
  }
}
export const short = ({ data }: EventOf<"error">): string => data.exception_message ?? data.message ?? "it says nothing";

export function stopped({ data, raw }: EventOf<"interrupted">): string {
  if (data.code === "cancelled") return data.message;
  if (raw?.type === "history_interrupted") raw.data?.status;
  return `at ${data.node_id}, ${data.status?.completed}, ${Object.keys(data.meta ?? {})}, ${data.prompt}`;
}

export const made = ({ data }: EventOf<"completed">) => [data.outputs?.["9"], data.status?.status_str, data.meta, data.prompt];
if (event.type === "connection") event.data.reason.length;

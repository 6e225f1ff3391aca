// The declarations need nothing that only Node's types have, nor what came into the language after 2021.
import { ComfyError, submit } from "comfyui-autoflow";
import { createOffscreenClient } from "comfyui-autoflow/extension";
import { saveFiles } from "comfyui-autoflow/node";
import { init } from "comfyui-autoflow/slim";
import { startSimulator } from "comfyui-autoflow/testing";
import type { Simulator } from "comfyui-autoflow/testing";

export async function main(picture: HTMLImageElement): Promise<unknown> {
  await init(fetch("/client.wasm"));
  const onEvent = createOffscreenClient().onEvent;
  const run = await submit({}, {
    wait: true,
    onEvent: (event) => {
      if (event.type === "preview") picture.src = URL.createObjectURL(event.data.image);
    },
  });
  return [onEvent, saveFiles, await run.fetchImages()];
}

export const why = (error: unknown): unknown => (error instanceof ComfyError ? error.cause : undefined);

// The simulator is listened to as an emitter of Node is.
const sim: Simulator = await startSimulator({ faults: { failRequests: { how: "hang" } } });
sim.on("frame", ({ type }) => type.length).once("answer", (answer) => answer.status).off("request", () => {});
// @ts-expect-error no such event
sim.on("frames", () => {});

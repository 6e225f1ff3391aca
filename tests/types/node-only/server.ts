// The declarations need nothing that only a browser's types have.
import { readFile } from "node:fs/promises";
import { Workflow, saveFiles, submit, uploadFile } from "comfyui-autoflow/node";
import { init } from "comfyui-autoflow/slim";

export async function main(): Promise<number> {
  await init({ client: await readFile("client.wasm"), converter: await readFile("converter.wasm") });
  const api = await Workflow.load(await readFile("picture.png"), { serverUrl: "http://127.0.0.1:8188" });
  const run = await submit(api, { serverUrl: "http://127.0.0.1:8188", wait: true, fetch: globalThis.fetch });
  await uploadFile(new URL("file:///tmp/picture.png"));
  await saveFiles(await run.fetchImages(), new URL("file:///tmp/out"), { overwrite: true });
  const [image] = await run.fetchImages();
  return image ? (await image.blob()).size : 0;
}

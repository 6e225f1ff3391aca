// The helpers for extensions, as a strict project uses them.
import { allowServer, createOffscreenClient, requestServer, serveOffscreen, serverOrigins } from "comfyui-autoflow/extension";
import type { OffscreenClient, OffscreenEvent, OffscreenRun } from "comfyui-autoflow/extension";
import * as autoflow from "comfyui-autoflow";

const origins: string[] = serverOrigins("http://127.0.0.1:8188");
const granted: boolean = await requestServer(new URL("http://127.0.0.1:8188"));
const remove: () => Promise<void> = await allowServer("http://127.0.0.1:8188");
await remove();

serveOffscreen(autoflow);

const client: OffscreenClient = createOffscreenClient({ url: "offscreen.html" });
const silence: () => void = client.onEvent((event: OffscreenEvent, run: OffscreenRun) => {
  // A picture comes as a data: URL: messages carry no Blob.
  if (event.type === "preview") document.images[0]!.src = event.data.image satisfies string;
  if (event.type === "error") console.error(event.data.exception_message, run.promptId);
});
client.onEnd((run, error) => console.log(run.serverUrl, error?.message));
const run = await client.submit({}, { serverUrl: "http://127.0.0.1:8188", previews: true, apiKey: "key" });
// @ts-expect-error functions cannot be sent: there is onEvent of the client
await client.submit({}, { serverUrl: "http://127.0.0.1:8188", onEvent: () => {} });
// @ts-expect-error the offscreen document has no environment that could name the server
await client.submit({}, {});
const [file] = await client.files(run.promptId);
const url: string | undefined = file?.url;
const stopped: boolean = await client.cancel(run.promptId);
silence();
export { granted, origins, stopped, url };

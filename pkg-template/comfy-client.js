// @ts-check
// `ComfyClient` with a constructor that says what to do when it is called too early.
import { ComfyClient as Glue } from "./client.js";
import { client, whenReady } from "./modules.js";

const checked = whenReady(client, "new ComfyClient", () => {});

export const ComfyClient = new Proxy(Glue, {
  construct(target, args, newTarget) {
    checked();
    return Reflect.construct(target, args, newTarget);
  },
});

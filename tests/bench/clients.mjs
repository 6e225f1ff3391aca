// @ts-check
// How each client from npm is driven, as its own README does it: one prompt from its submission to the promise that says
// it is over.
import { BARE, COMFY_UI_CLIENT, OURS, SAINTNO, STABLE_CANVAS } from "./names.mjs";

/**
 * @typedef {object} Client
 * @property {(prompt: Prompt, how: How) => Promise<unknown>} run
 * @property {() => unknown} close
 */
/** @typedef {Record<string, { class_type: string, inputs: Record<string, unknown> }>} Prompt */
/**
 * @typedef {object} How
 * @property {string} output the node whose output is wanted, for clients that ask
 * @property {((type: string) => void) | null} hear called for each progress, progress_state and preview, where the client
 *   can tell of it
 */

/** A run of a few milliseconds, like no other: nothing of it is cached. Wants a simulator with `lab`. @param {number} seed */
export function shortRun(seed) {
  return {
    1: { class_type: "LabProgress", inputs: { steps: 2, delay_ms: 6, preview: false, size: 8, seed } },
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
}

/** A package of this folder, whose types are none of ours. @param {string} name @returns {Promise<any>} */
const load = (name) => import(name);

/** By name, and variants of a name that its README offers. @type {Record<string, (url: string) => Promise<Client>>} */
export const clients = {
  [OURS]: async (url) => {
    const { submit } = await load("comfyui-autoflow");
    const webSocket = globalThis.WebSocket ?? (await load("ws")).WebSocket;
    const options = { serverUrl: url, wait: true, webSocket };
    return {
      run: (prompt, { hear }) => submit(prompt, hear ? { ...options, onEvent: (/** @type {any} */ event) => hear(event.type) } : options),
      close() {},
    };
  },

  [BARE]: async (url) => {
    const webSocket = globalThis.WebSocket ?? (await load("ws")).WebSocket;
    const client_id = crypto.randomUUID();
    const socket = new webSocket(`${url.replace("http", "ws")}/ws?clientId=${client_id}`);
    await new Promise((resolve) => (socket.onopen = resolve));
    return {
      async run(prompt, { hear }) {
        const over = new Promise((resolve) => {
          socket.onmessage = (/** @type {{ data: unknown }} */ { data }) => {
            if (typeof data !== "string") return hear?.("preview");
            const event = JSON.parse(data);
            hear?.(event.type);
            if (event.type === "executing" && event.data.node === null) resolve(undefined);
          };
        });
        await fetch(`${url}/prompt`, { method: "POST", body: JSON.stringify({ prompt, client_id }) });
        await over;
      },
      close: () => socket.close(),
    };
  },

  [SAINTNO]: async (url) => {
    const { CallWrapper, ComfyApi, PromptBuilder } = await load(SAINTNO);
    const api = await new ComfyApi(url).init().waitForReady();
    return {
      async run(prompt, { output, hear }) {
        const builder = new PromptBuilder(prompt, [], ["images"]).setOutputNode("images", output);
        const call = new CallWrapper(api, builder);
        if (hear) {
          call.onProgress(() => hear("progress")).onPreview(() => hear("preview"));
          api.on("progress_state", () => hear("progress_state"));
        }
        /** @type {unknown} */
        let reason;
        call.onFailed((/** @type {unknown} */ error) => (reason = error));
        const result = await call.run();
        if (result === false || result === undefined) throw reason ?? new Error("failed");
      },
      // It has no way to be closed: it ends with the process.
      close() {},
    };
  },

  [STABLE_CANVAS]: async (url) => {
    const client = await stableCanvas(url);
    await Promise.all([client.getSystemStats(), client.connect()]);
    return {
      run(prompt, { hear }) {
        if (!hear) return client.enqueue(prompt);
        client.on("progress_state", () => hear("progress_state"));
        client.on("b_preview", () => hear("preview"));
        return client.enqueue(prompt, { progress: () => hear("progress") });
      },
      close: () => client.close(),
    };
  },

  [`${STABLE_CANVAS}, enqueue_polling`]: async (url) => {
    const client = await stableCanvas(url);
    return { run: (prompt) => client.enqueue_polling(prompt), close: () => client.close() };
  },

  [`${STABLE_CANVAS}, Workflow`]: async (url) => {
    const { Workflow } = await load(STABLE_CANVAS);
    const client = await stableCanvas(url);
    await Promise.all([client.getSystemStats(), client.connect()]);
    return {
      run(prompt) {
        const workflow = new Workflow();
        /** @type {Record<string, any[]>} */
        const made = {};
        /** @param {string} id @returns {any[]} */
        const make = (id) => (made[id] ??= workflow.classes[prompt[id].class_type](inputs(prompt[id].inputs)));
        /** @param {Record<string, any>} given @returns {Record<string, unknown>} */
        const inputs = (given) => {
          const linked = (/** @type {any} */ value) => (Array.isArray(value) ? make(value[0])[value[1]] : value);
          return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, linked(value)]));
        };
        Object.keys(prompt).forEach(make);
        return workflow.invoke(client);
      },
      close: () => client.close(),
    };
  },

  [COMFY_UI_CLIENT]: async (url) => {
    const { ComfyUIClient } = await load(COMFY_UI_CLIENT);
    const client = new ComfyUIClient(new URL(url).host, crypto.randomUUID());
    await client.connect();
    return { run: (prompt) => client.getImages(prompt), close: () => client.disconnect() };
  },
};

/** @param {string} url */
async function stableCanvas(url) {
  const { Client } = await load(STABLE_CANVAS);
  if ("document" in globalThis) return new Client({ api_host: new URL(url).host });
  const webSocket = globalThis.WebSocket ?? (await load("ws")).WebSocket;
  return new Client({ api_host: new URL(url).host, WebSocket: webSocket, fetch });
}

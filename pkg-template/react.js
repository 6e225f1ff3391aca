// @ts-check
// Hooks for React, which is an optional peer.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { callAs } from "./call-names.js";
import { ComfyClient } from "./index.js";

/** @typedef {import("./react.js").ServerState} ServerState */
/** @typedef {import("./react.js").RunState} RunState */

/** @type {Omit<ServerState, "comfy">} */
const STARTING = { status: "starting", stats: null, queue: null, error: null };

/** @type {Omit<RunState, "previewUrl" | "start" | "cancel">} */
const IDLE = { status: "idle", progress: 0, node: null, preview: null, images: [], run: null, error: null };

/**
 * @param {any} server
 * @returns {ServerState}
 */
export function useServer(server) {
  const comfy = useClient("useServer", server);
  const [state, setState] = useState(STARTING);
  useEffect(() => {
    const controller = new AbortController();
    setState(STARTING);
    void watch(comfy, controller.signal, (changes) => {
      if (!controller.signal.aborted) setState((old) => ({ ...old, ...changes }));
    });
    return () => controller.abort();
  }, [comfy]);
  return { ...state, comfy };
}

/**
 * Waits for the server, and asks it for its queue whenever that changes.
 *
 * @param {ComfyClient} comfy
 * @param {AbortSignal} signal
 * @param {(changes: Partial<ServerState>) => void} change
 */
async function watch(comfy, signal, change) {
  let [isAsking, isStale] = [false, false];
  const look = async () => {
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    try {
      while (isStale) {
        isStale = false;
        change({ queue: await comfy.queue({ signal }) });
      }
    } catch {
      // The next change of the queue asks again.
    }
    isAsking = false;
  };
  try {
    const stats = await comfy.ready({ signal, timeoutMs: Infinity });
    change({ status: "ready", stats });
    comfy.listen(
      ({ type, data }) => {
        if (type === "connection") change({ status: data.state === "open" ? "ready" : "reconnecting" });
        if (type === "status" || (type === "connection" && data.state === "open")) void look();
      },
      { signal },
    );
  } catch (error) {
    // Other dialects have no queue.
    const isPlain = /** @type {any} */ (error).code === "unsupported";
    change(isPlain ? { status: "ready" } : { status: "failed", error });
  }
}

/**
 * @param {any} server
 * @returns {RunState}
 */
export function useRun(server) {
  const comfy = useClient("useRun", server);
  const [state, setState] = useState(IDLE);
  const latest = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => latest.current?.abort(), []);

  const start = useCallback(
    async (/** @type {any} */ prompt, /** @type {any} */ options) => {
      latest.current?.abort();
      const controller = new AbortController();
      const { signal } = controller;
      latest.current = controller;
      const change = (/** @type {Partial<RunState>} */ changes) => {
        if (latest.current === controller) setState((old) => ({ ...old, ...changes }));
      };
      change({ ...IDLE, status: "running" });
      const onEvent = (/** @type {import("./events.js").ComfyEvent} */ event) => {
        const { type, nodes_progress: progress, node_title: title, node_type, node_current } = event;
        const preview = type === "preview" ? { preview: event.data.image } : {};
        change({ progress, node: title ?? node_type ?? node_current, ...preview });
        options?.onEvent?.(event);
      };
      try {
        const run = await comfy.submit(prompt, { ...options, wait: true, signal, onEvent });
        const images = await run.fetchImages({ signal });
        change({ status: "done", progress: 1, node: null, preview: null, images, run });
        return run;
      } catch (error) {
        change({ node: null, preview: null, ...(signal.aborted ? { status: "cancelled" } : { status: "failed", error }) });
        return null;
      }
    },
    [comfy],
  );
  const cancel = useCallback(() => latest.current?.abort(), []);
  return { ...state, previewUrl: useObjectUrl(state.preview), start, cancel };
}

/**
 * The client of a server that is named by its address, its options, or a client; the same one for the same server.
 *
 * @param {string} hook
 * @param {any} server
 * @returns {ComfyClient}
 */
function useClient(hook, server) {
  const isClient = server instanceof ComfyClient;
  const options = isClient || typeof server === "string" || server instanceof URL ? { serverUrl: String(server) } : { ...server };
  const headers = options.headers ? [...new Headers(options.headers)] : [];
  const { serverUrl, apiKey, dialect, clientId } = options;
  const key = isClient ? server : JSON.stringify([String(serverUrl ?? ""), apiKey, dialect, clientId, headers]);
  return useMemo(() => (isClient ? server : callAs(hook, "ComfyClient", () => new ComfyClient(options))), [key]);
}

/** @param {Blob | null} blob */
function useObjectUrl(blob) {
  const [url, setUrl] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (!blob) return setUrl(null);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

// @ts-check
// The demo page: everything it knows about ComfyUI comes from the package.
import { ComfyError, Workflow, submit } from "comfyui-autoflow";

/** @typedef {import("comfyui-autoflow").ComfyEvent} ComfyEvent */

/** The oldest lines go when there are more. */
const SHOWN_EVENTS = 500;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
const element = (id) => /** @type {T} */ (document.getElementById(id));

const form = /** @type {HTMLFormElement} */ (element("form"));
const server = /** @type {HTMLInputElement} */ (element("server"));
const file = /** @type {HTMLInputElement} */ (element("file"));
const prompt = /** @type {HTMLTextAreaElement} */ (element("prompt"));
const runButton = /** @type {HTMLButtonElement} */ (element("run"));
const cancelButton = /** @type {HTMLButtonElement} */ (element("cancel"));
const progress = /** @type {HTMLProgressElement} */ (element("progress"));
const preview = /** @type {HTMLImageElement} */ (element("preview"));
const [state, step, problem, results, events, count] = ["state", "step", "problem", "results", "events", "count"].map(
  (id) => element(id),
);

/** @type {AbortController | undefined} */
let current;

server.value = new URL(location.href).searchParams.get("server") ?? "";
prompt.value = await (await fetch("/examples/text-to-image.json")).text();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
cancelButton.addEventListener("click", () => current?.abort(new DOMException("cancelled", "AbortError")));
file.addEventListener("change", () => file.files?.[0] && read(file.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const dropped = event.dataTransfer?.files[0];
  if (dropped) read(dropped);
});

/** @param {File} given */
async function read(given) {
  problem.hidden = true;
  try {
    const api = await Workflow.load(given, { serverUrl: server.value });
    prompt.value = JSON.stringify(api.prompt, null, 2);
  } catch (error) {
    complain(error);
  }
}

async function run() {
  const abort = new AbortController();
  current = abort;
  runButton.disabled = true;
  cancelButton.disabled = false;
  problem.hidden = true;
  results.replaceChildren();
  events.replaceChildren();
  count.textContent = "0";
  progress.value = 0;
  state.textContent = "submitting";
  try {
    const done = await submit(prompt.value, {
      serverUrl: server.value,
      wait: true,
      previews: true,
      pollQueue: true,
      signal: abort.signal,
      onEvent: show,
    });
    for (const image of await done.fetchImages()) picture(await image.blob(), image.filename);
  } catch (error) {
    complain(error);
  } finally {
    runButton.disabled = false;
    cancelButton.disabled = true;
    step.textContent = "";
    preview.hidden = true;
  }
}

/** @param {ComfyEvent} event */
function show(event) {
  progress.value = event.nodes_progress;
  const [done, total] = [event.nodes_done.length, event.nodes_total.length];
  const node = event.node_current === null ? "" : `node ${event.node_current} `;
  const percent = event.node_progress === null ? "" : `${Math.round(event.node_progress)} % · `;
  step.textContent = `${node}${percent}${done} of ${total} nodes`;
  state.textContent = event.type === "queue" ? `waiting, position ${event.data.position}` : stateAfter(event);
  if (event.type === "preview" && event.data.image instanceof Blob) {
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(event.data.image);
    preview.hidden = false;
  }
  list(event);
}

/** @param {ComfyEvent} event */
function stateAfter(event) {
  switch (event.type) {
    case "submitted":
      return "queued";
    case "execution_start":
    case "executing":
      return "running";
    case "connection":
      return event.data.state === "open" ? state.textContent : `${event.data.state}: ${event.data.reason}`;
    case "completed":
    case "error":
    case "interrupted":
      return `${event.type} after ${event.time_elapsed_s.toFixed(1)} s`;
    default:
      return state.textContent;
  }
}

/** @param {ComfyEvent} event */
function list(event) {
  const line = document.createElement("li");
  const type = document.createElement("b");
  type.textContent = event.type;
  const data = event.type === "preview" ? event.data.mime_type : JSON.stringify(event.data);
  line.append(type, ` ${data.slice(0, 200)}`);
  events.append(line);
  if (events.childElementCount > SHOWN_EVENTS) events.firstElementChild?.remove();
  count.textContent = String(Number(count.textContent) + 1);
  events.scrollTop = events.scrollHeight;
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function picture(blob, name) {
  const image = document.createElement("img");
  image.src = URL.createObjectURL(blob);
  image.alt = name;
  results.append(image);
}

/** @param {unknown} error */
function complain(error) {
  if (current?.signal.aborted) {
    state.textContent = "cancelled";
    return;
  }
  state.textContent = error instanceof ComfyError ? error.code : "failed";
  problem.textContent = error instanceof Error ? error.message : String(error);
  problem.hidden = false;
}

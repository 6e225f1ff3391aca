// @ts-check
// Options page: server, workflow, and the node that takes the picture.
import { ObjectInfo, Workflow } from "comfyui-autoflow/workflow";
import { allowServer, requestServer } from "comfyui-autoflow/extension";
import { byId, make } from "../app/dom.js";
import { saveSettings, saveWorkflow, settings, workflow } from "./stored.js";

/** Whether the user typed a key. */
let keyTyped = false;
byId("key").addEventListener("input", () => (keyTyped = true));
byId("server").addEventListener("input", async () => {
  // A key stays with its server.
  const { serverUrl, apiKey } = await settings();
  if (!keyTyped) byId("key").value = serverInput() === serverUrl ? apiKey : "";
});

function serverInput() {
  return byId("server").value.trim().replace(/\/+$/, "");
}

byId("server-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const serverUrl = serverInput();
  // Before any await: permission requests need a user gesture.
  const granted = await requestServer(serverUrl).catch((error) => error);
  await say("server-state", async () => {
    if (granted !== true) throw granted || new Error("Without access to this address it cannot be reached.");
    await saveSettings({ serverUrl, apiKey: byId("key").value.trim(), idleTimeoutS: byId("idle").valueAsNumber });
    await schema();
    return `Saved. ComfyUI answers at ${serverUrl}.`;
  });
});

byId("file").addEventListener("change", () =>
  say("workflow-state", async () => {
    const [file] = byId("file").files;
    if (!file) return "";
    const objectInfo = await schema();
    const { prompt, workflow } = await Workflow.load(file, { objectInfo });
    const targets = picturesOf(prompt, JSON.parse(objectInfo.text));
    if (!targets.length) throw new Error("No node of this workflow takes a picture: it needs a Load Image.");
    const [first] = targets;
    await saveWorkflow({ name: file.name, prompt, workflow, node: first.node, input: first.input });
    return showWorkflow(targets);
  }),
);

byId("target").addEventListener("change", async () => {
  const chosen = await workflow();
  const [node, input] = JSON.parse(byId("target").value);
  if (chosen) await saveWorkflow({ ...chosen, node, input });
});

async function schema() {
  const { serverUrl, apiKey } = await settings();
  await allowServer(serverUrl);
  return ObjectInfo.fetch(serverUrl, apiKey ? { apiKey } : {});
}

/**
 * Inputs that take an uploaded picture.
 *
 * @param {Record<string, any>} prompt
 * @param {Record<string, any>} classes
 */
function picturesOf(prompt, classes) {
  return Object.entries(prompt).flatMap(([node, { class_type, inputs, _meta }]) =>
    Object.entries({ ...classes[class_type]?.input?.required, ...classes[class_type]?.input?.optional })
      .filter(([input, [, options]]) => options?.image_upload && typeof inputs[input] === "string")
      .map(([input]) => ({ node, input, title: _meta?.title ?? class_type })),
  );
}

/** @param {{ node: string, input: string, title: string }[]} [targets] */
async function showWorkflow(targets) {
  const chosen = await workflow();
  if (!chosen) return "None yet.";
  byId("target-label").hidden = !targets || targets.length < 2;
  if (targets) {
    byId("target").replaceChildren(
      ...targets.map(({ node, input, title }) => make("option", { value: JSON.stringify([node, input]) }, `${title} (node ${node})`)),
    );
  }
  return `${chosen.name}: the picture goes into node ${chosen.node}.`;
}

/** Runs a task and shows its outcome. @param {string} id @param {() => Promise<string>} work */
async function say(id, work) {
  const state = byId(id);
  state.className = "";
  state.textContent = "…";
  try {
    state.textContent = await work();
    state.className = "good";
  } catch (error) {
    state.textContent = error instanceof Error ? error.message : String(error);
    state.className = "bad";
  }
}

const { serverUrl, apiKey, idleTimeoutS } = await settings();
byId("server").value = serverUrl;
byId("key").value = apiKey;
byId("idle").value = idleTimeoutS;
byId("workflow-state").textContent = await showWorkflow();

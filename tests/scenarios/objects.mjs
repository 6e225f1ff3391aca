// @ts-check
// The objects of the package: as JSON, and when somebody makes one with `new`.
import { equal, match, rejects, scenario } from "./harness.mjs";
import { shownText, textToImage } from "./prompts.mjs";

scenario("a submission as JSON is what picks the run up again", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const run = await api.submit(shownText(), { serverUrl: server.url, clientId: "me" });
  const { status, promptId, ...options } = JSON.parse(JSON.stringify(run));
  equal({ status, promptId }, { status: "submitted", promptId: run.promptId });
  equal(options, { clientId: "me", serverUrl: server.url });
  const again = api.Submission.fromPromptId(promptId, options);
  await again.wait();
  equal(again.toJSON(), { ...run.toJSON(), status: "completed" });
  const whole = api.Submission.fromPromptId(promptId, JSON.parse(JSON.stringify(run)));
  equal((await whole.wait()).status, "completed");
});

scenario("an error as JSON keeps its message", async (api) => {
  const error = await rejects(() => api.submit(shownText(), /** @type {any} */ ({ serverUrl: "http://x", waitt: 1 })));
  const { message, ...rest } = JSON.parse(JSON.stringify(error));
  equal(message, error.message);
  const hint = { option: "wait", advice: "rename_option" };
  equal(rest, { name: "ComfyError", code: "bad_input", hint, taken: false });
});

scenario("a file as JSON has the names of the server", async (api, sim) => {
  const server = await sim.start({ stepMs: 0 });
  const run = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const [file] = await run.fetchImages();
  const { filename, subfolder, type, kind, key, url } = file;
  const rest = { mime_type: "image/png", node_id: file.nodeId };
  equal(JSON.parse(JSON.stringify(file)), { filename, subfolder, type, kind, key, url, ...rest });
});

scenario("new makes none of them, and says what does", async (api) => {
  for (const [name, way] of Object.entries({
    ApiFlow: /Workflow\.load/,
    ObjectInfo: /ObjectInfo\.from.*ObjectInfo\.fetch/,
    ResultFile: /run\.fetchFiles/,
    Submission: /submit.*Submission\.fromPromptId/,
  })) {
    const Class = /** @type {any} */ (api)[name];
    const { message } = await rejects(() => new Class(), { code: "bad_input", name: "ComfyError" });
    match(message, new RegExp(`^${name} is not made with new: `));
    match(message, way);
  }
});

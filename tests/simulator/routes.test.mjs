// Answers of the routes, in the shapes of real servers.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { decodePng, samplePng } from "../../pkg-template/testing/index.js";
import { Client, connect, progressPrompt, simTest } from "./client.mjs";

const save = (id, inputs = {}) => ({ [id]: { class_type: "SaveImage", inputs: { filename_prefix: "x", ...inputs } } });

async function refused(client, body) {
  const answer = await client.post("/prompt", body);
  return { status: answer.status, ...(await answer.json()) };
}

simTest("every route exists bare and under /api, the jobs routes only under /api", {}, async (sim) => {
  for (const path of ["/queue", "/history", "/prompt", "/object_info", "/features", "/system_stats"]) {
    assert.equal((await fetch(sim.url + path)).status, 200, path);
    assert.equal((await fetch(`${sim.url}/api${path}`)).status, 200, `/api${path}`);
  }
  assert.equal((await fetch(`${sim.url}/api/jobs`)).status, 200);
  assert.equal((await fetch(`${sim.url}/jobs`)).status, 404);
});

simTest("a base path prefixes every route and the socket", { basePath: "/comfy" }, async (sim) => {
  assert.match(sim.url, /\/comfy$/);
  const client = await connect(sim);
  const { prompt_id: id } = await client.submit(progressPrompt());
  await client.end(id);
  assert.equal((await fetch(new URL("/queue", sim.url))).status, 404);
});

simTest("an accepted prompt is answered with id, number and no errors", {}, async (sim) => {
  const client = new Client(sim);
  const id = randomUUID();
  const body = await client.submit(progressPrompt(), { prompt_id: id });
  assert.deepEqual(body, { prompt_id: id, number: 0, node_errors: {} });
  assert.equal((await client.submit(progressPrompt())).number, 1);
  assert.equal((await client.submit(progressPrompt(), { front: true })).number, -2);
  const own = await client.post("/prompt", { prompt: progressPrompt(), number: 7 });
  assert.match(await own.text(), /"number": 7\.0/);
});

simTest("a request without prompt is no_prompt", {}, async (sim) => {
  const { status, error, node_errors: errors } = await refused(new Client(sim), { client_id: "x" });
  assert.equal(status, 400);
  const text = "No prompt provided";
  assert.deepEqual(error, { type: "no_prompt", message: text, details: text, extra_info: {} });
  assert.deepEqual(errors, {});
});

simTest("a new server takes only canonical UUIDs as prompt ids", {}, async (sim) => {
  const client = new Client(sim);
  for (const id of ["mine", 7, randomUUID().toUpperCase(), randomUUID().replaceAll("-", "")]) {
    const { status, error } = await refused(client, { prompt: progressPrompt(), prompt_id: id });
    assert.deepEqual([status, error.type], [400, "invalid_prompt_id"], String(id));
  }
  assert.equal((await client.post("/prompt", { prompt: progressPrompt(), prompt_id: null })).status, 200);
});

simTest("an old server takes any text as prompt id", { version: "old" }, async (sim) => {
  assert.equal((await new Client(sim).submit(progressPrompt(), { prompt_id: "mine" })).prompt_id, "mine");
});

simTest("a new server names a missing node by its title", {}, async (sim) => {
  const client = new Client(sim);
  const node = { class_type: "Nowhere", inputs: {}, _meta: { title: "My node" } };
  const { error } = await refused(client, { prompt: { 7: node } });
  assert.deepEqual(error, {
    type: "missing_node_type",
    message: "Node 'My node' not found. The custom node may not be installed.",
    details: "Node ID '#7'",
    extra_info: { node_id: "7", class_type: "Nowhere", node_title: "My node" },
  });
  assert.equal((await refused(client, { prompt: { 7: { inputs: {} } } })).error.type, "missing_node_type");
});

simTest("invalid values are reported per node, and the valid outputs still run", {}, async (sim) => {
  const client = await connect(sim);
  const prompt = {
    ...progressPrompt(),
    5: { class_type: "EmptyImage", inputs: { width: 0, height: 99999, batch_size: "x", color: 0 } },
    6: {
      class_type: "ImageScale",
      inputs: { image: ["5", 0], upscale_method: "magic", width: 8, height: 8, crop: "no" },
    },
    ...save("7", { images: ["6", 0] }),
    ...save("8"),
    9: { class_type: "LoadImage", inputs: { image: "none.png" } },
    ...save("10", { images: ["9", 1] }),
  };
  const { prompt_id: id, node_errors: errors } = await client.submit(prompt);
  const types = Object.fromEntries(
    Object.entries(errors).map(([node, { errors: list }]) => [node, list.map((error) => error.type)]),
  );
  assert.deepEqual(types, {
    5: ["value_smaller_than_min", "value_bigger_than_max", "invalid_input_type"],
    6: ["value_not_in_list", "value_not_in_list"],
    8: ["required_input_missing"],
    10: ["return_type_mismatch"],
  });
  // Real servers also list outputs that failed later for other reasons.
  assert.deepEqual(errors[5].dependent_outputs, ["7", "8", "10"]);
  assert.equal(errors[5].class_type, "EmptyImage");
  const choice = "upscale_method: 'magic' not in ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos']";
  assert.equal(errors[6].errors[0].details, choice);
  assert.equal(errors[5].errors[2].extra_info.exception_message, "invalid literal for int() with base 10: 'x'");
  await client.end(id);
  const { outputs } = (await client.get(`/history/${id}`))[id];
  assert.deepEqual(Object.keys(outputs), ["3"]);
});

simTest("a cycle is reported with its path", {}, async (sim) => {
  const prompt = {
    1: { class_type: "ImageInvert", inputs: { image: ["2", 0] } },
    2: { class_type: "ImageInvert", inputs: { image: ["1", 0] } },
    ...save("3", { images: ["1", 0] }),
  };
  const { status, error, node_errors: errors } = await refused(new Client(sim), { prompt });
  assert.deepEqual([status, error.type], [400, "prompt_outputs_failed_validation"]);
  assert.equal(errors[1].errors[0].type, "dependency_cycle");
  assert.equal(errors[1].errors[0].details, "1 (ImageInvert) -> 2 (ImageInvert) -> 1 (ImageInvert)");
});

simTest("partial_execution_targets leaves the other outputs out", {}, async (sim) => {
  const client = await connect(sim);
  const prompt = { ...progressPrompt(), ...save("4", { images: ["1", 0] }) };
  const { prompt_id: id } = await client.submit(prompt, { partial_execution_targets: ["4"] });
  await client.end(id);
  const item = (await client.get(`/history/${id}`))[id];
  assert.deepEqual([item.prompt[4], Object.keys(item.outputs)], [["4"], ["4"]]);
  const none = await refused(client, { prompt, partial_execution_targets: ["1"] });
  assert.equal(none.error.type, "prompt_no_outputs");
});

simTest("a body that is no JSON is 500 text, one over the limit 413 text", { maxUploadSize: 1000 }, async (sim) => {
  const client = new Client(sim);
  const broken = await client.post("/prompt", "{");
  assert.equal(broken.status, 500);
  assert.match(broken.headers.get("content-type"), /^text\/plain/);
  const big = await client.post("/prompt", "x".repeat(1001));
  assert.equal(big.status, 413);
  assert.match(await big.text(), /^Maximum request body size 1000 exceeded/);
});

simTest("an unknown path is 404 for GET, 405 for POST", {}, async (sim) => {
  assert.equal((await fetch(`${sim.url}/nope`)).status, 404);
  assert.equal((await fetch(`${sim.url}/nope`, { method: "POST" })).status, 405);
  assert.equal((await fetch(`${sim.url}/queue`, { method: "DELETE" })).status, 405);
});

simTest("keys of a partner service are not shown again", {}, async (sim) => {
  const client = await connect(sim);
  const extra_data = { api_key_comfy_org: "secret", extra_pnginfo: { workflow: { nodes: [] } } };
  const { prompt_id: id } = await client.submit(progressPrompt(), { extra_data });
  await client.end(id);
  const [, , , extra] = (await client.get(`/history/${id}`))[id].prompt;
  assert.deepEqual(Object.keys(extra), ["extra_pnginfo", "client_id", "create_time"]);
});

simTest(
  "the queue shows five-tuples, and a pending prompt can be deleted without a trace",
  { held: true },
  async (sim) => {
    const client = await connect(sim);
    const [first, second] = [await client.submit(progressPrompt()), await client.submit(progressPrompt(4))];
    const { queue_running: running, queue_pending: pending } = await client.get("/queue");
    assert.deepEqual(running, []);
    assert.deepEqual(
      pending.map((item) => item.slice(0, 2)),
      [
        [0, first.prompt_id],
        [1, second.prompt_id],
      ],
    );
    assert.deepEqual(pending[0][4], ["3"]);
    await client.post("/queue", { delete: [first.prompt_id] });
    sim.resume();
    await client.end(second.prompt_id);
    assert.deepEqual(await client.get(`/history/${first.prompt_id}`), {});
    assert.ok(!client.frames.some((frame) => frame?.data?.prompt_id === first.prompt_id));
  },
);

simTest("pending prompts run by number, whatever order the heap shows", { held: true }, async (sim) => {
  const client = await connect(sim);
  const ids = [];
  for (const number of [5, 3, 9, 1, 7])
    ids[number] = (await client.submit(progressPrompt(number), { number })).prompt_id;
  const pending = (await client.get("/queue")).queue_pending.map(([number]) => number);
  assert.equal(pending[0], 1);
  assert.deepEqual(
    [...pending].sort((a, b) => a - b),
    [1, 3, 5, 7, 9],
  );
  sim.resume();
  await client.end(ids[9]);
  const started = client.frames
    .filter((frame) => frame?.type === "execution_start")
    .map((frame) => frame.data.prompt_id);
  assert.deepEqual(
    started,
    [1, 3, 5, 7, 9].map((number) => ids[number]),
  );
});

simTest("interrupt stops the prompt it names, and only while it runs", {}, async (sim) => {
  const client = await connect(sim);
  const slow = progressPrompt(100_000);
  const { prompt_id: running } = await client.submit(slow);
  const { prompt_id: waiting } = await client.submit(progressPrompt(2));
  await client.frame("progress");
  await client.post("/interrupt", { prompt_id: waiting });
  await client.post("/interrupt", { prompt_id: running });
  const told = await client.frame("execution_interrupted");
  assert.equal(told.data.prompt_id, running);
  await client.end(waiting);
  assert.equal((await client.get(`/history/${waiting}`))[waiting].status.status_str, "success");
  const { status } = (await client.get(`/history/${running}`))[running];
  assert.deepEqual([status.status_str, status.completed], ["error", false]);
  assert.equal(status.messages.at(-1)[0], "execution_interrupted");
});

simTest("interrupt with an empty body stops whatever runs", {}, async (sim) => {
  const client = await connect(sim);
  const { prompt_id: id } = await client.submit(progressPrompt(100_000));
  await client.frame("progress");
  await client.post("/interrupt", "");
  await client.end(id);
  assert.equal((await client.get(`/history/${id}`))[id].status.status_str, "error");
});

simTest("history of an unknown prompt is an empty object; entries can be deleted and listed", {}, async (sim) => {
  const client = await connect(sim);
  assert.deepEqual(await client.get(`/history/${randomUUID()}`), {});
  const ids = [];
  for (const steps of [1, 2, 3]) ids.push((await client.submit(progressPrompt(steps))).prompt_id);
  await client.end(ids[2]);
  assert.deepEqual(Object.keys(await client.get("/history")), ids);
  assert.deepEqual(Object.keys(await client.get("/history?max_items=2")), ids.slice(1));
  await client.post("/history", { delete: [ids[0]] });
  assert.deepEqual(Object.keys(await client.get("/history")), ids.slice(1));
  await client.post("/history", { clear: true });
  assert.deepEqual(await client.get("/history"), {});
});

simTest("a job has its state from pending to its end", { held: true }, async (sim) => {
  const client = await connect(sim);
  const { prompt_id: id } = await client.submit(progressPrompt(100_000));
  const status = async () => (await client.get(`/api/jobs/${id}`)).status;
  assert.equal(await status(), "pending");
  sim.resume();
  await client.frame("progress");
  assert.equal(await status(), "in_progress");
  const cancelled = await client.post(`/api/jobs/${id}/cancel`);
  assert.deepEqual(await cancelled.json(), { cancelled: true });
  await client.end(id);
  assert.equal(await status(), "cancelled");
  assert.deepEqual(await (await client.post(`/api/jobs/${id}/cancel`)).json(), { cancelled: false });

  const { prompt_id: good } = await client.submit(progressPrompt(1));
  await client.end(good);
  const job = await client.get(`/api/jobs/${good}`);
  assert.deepEqual([job.status, job.outputs_count, job.preview_output.nodeId], ["completed", 1, "3"]);
  assert.deepEqual(Object.keys(job.outputs), ["3"]);
  const unknown = await fetch(`${sim.url}/api/jobs/${randomUUID()}`);
  assert.deepEqual([unknown.status, await unknown.json()], [404, { error: "Job not found" }]);
});

simTest("an old server knows no jobs: 404 for GET, 405 for POST", { version: "old" }, async (sim) => {
  assert.equal((await fetch(`${sim.url}/api/jobs/x`)).status, 404);
  assert.equal((await fetch(`${sim.url}/api/jobs/x/cancel`, { method: "POST" })).status, 405);
});

simTest("an upload keeps its name unless another file has it, and can be seen", {}, async (sim) => {
  const upload = async (bytes, fields = {}) => {
    const form = new FormData();
    form.set("image", new Blob([bytes]), "cat.png");
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return (await fetch(`${sim.url}/upload/image`, { method: "POST", body: form })).json();
  };
  const first = samplePng(4, 4);
  assert.deepEqual(await upload(first), { name: "cat.png", subfolder: "", type: "input" });
  assert.equal((await upload(first)).name, "cat.png");
  assert.equal((await upload(samplePng(5, 5))).name, "cat (1).png");
  assert.equal((await upload(samplePng(6, 6), { overwrite: "true" })).name, "cat.png");
  const placed = await upload(first, { subfolder: "pets/small", type: "temp" });
  assert.deepEqual(placed, { name: "cat.png", subfolder: "pets/small", type: "temp" });

  const view = await fetch(`${sim.url}/view?filename=cat.png&subfolder=pets%2Fsmall&type=temp`);
  assert.equal(view.headers.get("content-type"), "image/png");
  assert.deepEqual(Buffer.from(await view.arrayBuffer()), Buffer.from(first));
  const form = new FormData();
  form.set("image", new Blob([first]), "../../evil.png");
  assert.equal((await fetch(`${sim.url}/upload/image`, { method: "POST", body: form })).status, 400);
});

simTest("a mask becomes the alpha channel of the picture it refers to", {}, async (sim) => {
  sim.files.write("input", "", "cat.png", samplePng(4, 4));
  const { encodePng } = await import("../../pkg-template/testing/index.js");
  const mask = encodePng({ width: 4, height: 4, channels: 4, data: new Uint8Array(64).fill(40) });
  const form = new FormData();
  form.set("image", new Blob([mask]), "cat-masked.png");
  form.set("original_ref", JSON.stringify({ filename: "cat.png", type: "input", subfolder: "" }));
  const answer = await (await fetch(`${sim.url}/upload/mask`, { method: "POST", body: form })).json();
  assert.equal(answer.name, "cat-masked.png");
  const written = decodePng(sim.files.read("input", "", "cat-masked.png"));
  assert.deepEqual([written.channels, written.data[3]], [4, 40]);
  const seen = await fetch(`${sim.url}/view?filename=cat-masked.png&type=input&channel=rgb`);
  assert.equal(decodePng(Buffer.from(await seen.arrayBuffer())).channels, 3);
});

simTest("/view refuses to leave its folders", {}, async (sim) => {
  const status = async (query) => (await fetch(`${sim.url}/view?${query}`)).status;
  assert.equal(await status(""), 404);
  assert.equal(await status("filename=none.png"), 404);
  assert.equal(await status("filename=../x.png"), 400);
  assert.equal(await status("filename=x.png&type=nowhere"), 400);
  assert.equal(await status("filename=x.png&subfolder=../.."), 403);
});

simTest("object_info describes the nodes as a real server does", {}, async (sim) => {
  const all = await (await fetch(`${sim.url}/object_info`)).json();
  for (const name of ["CheckpointLoaderSimple", "KSampler", "SaveImage", "LoadImage", "LabProgress"]) {
    assert.equal(all[name].name, name);
  }
  const text = await (await fetch(`${sim.url}/object_info/KSampler`)).text();
  assert.match(text, /"max": 18446744073709551615, "control_after_generate": true/);
  assert.match(text, /"cfg": \["FLOAT", \{"default": 8\.0, "min": 0\.0/);
  const { KSampler: sampler } = JSON.parse(text);
  assert.deepEqual(sampler.input_order.required.slice(0, 3), ["model", "seed", "steps"]);
  assert.deepEqual([sampler.output, sampler.output_name, sampler.output_node], [["LATENT"], ["LATENT"], false]);
  assert.deepEqual(all.SaveImage.input.hidden, { prompt: "PROMPT", extra_pnginfo: "EXTRA_PNGINFO" });
  sim.files.write("input", "", "cat.png", samplePng());
  const { LoadImage: loader } = await (await fetch(`${sim.url}/object_info/LoadImage`)).json();
  assert.deepEqual(loader.input.required.image, [["cat.png"], { image_upload: true }]);
  assert.deepEqual(await (await fetch(`${sim.url}/object_info/Nowhere`)).json(), {});
});

simTest("a preview can be asked for as JPEG", {}, async (sim) => {
  sim.files.write("output", "", "a.png", samplePng());
  const seen = await fetch(`${sim.url}/view?filename=a.png&preview=jpeg;80`);
  assert.equal(seen.headers.get("content-type"), "image/jpeg");
  assert.deepEqual([...new Uint8Array(await seen.arrayBuffer())].slice(0, 3), [0xff, 0xd8, 0xff]);
});

const ODD = [
  null,
  7,
  "x",
  [],
  [[]],
  {},
  { 1: null },
  { 1: { class_type: "SaveImage" } },
  { 1: { class_type: 7, inputs: 7 } },
];
const STRANGE = [
  ...ODD,
  { 1: { class_type: "SaveImage", inputs: { images: [null, 0] } } },
  { 1: { class_type: "SaveImage", inputs: { images: ["1", 99], filename_prefix: {} } } },
  { 1: { class_type: "PreviewAny", inputs: { source: [] } } },
  { 1: { class_type: "PreviewAny", inputs: { source: 1, extra: ["9", 0] } } },
  { 1: { class_type: "PreviewAny", inputs: { source: 1, extra: ["2", 0] } }, 2: { class_type: "EmptyImage" } },
  { 1: { class_type: "EmptyImage", inputs: { width: 1e300, height: NaN } }, 2: { class_type: "__proto__" } },
];

simTest("whatever is sent, it goes on answering", {}, async (sim) => {
  const client = await connect(sim);
  for (const prompt of STRANGE) await (await client.post("/prompt", { prompt, client_id: client.clientId })).text();
  for (const value of ODD) {
    await client.post("/prompt", { prompt: progressPrompt(1), extra_data: value, client_id: value, number: value });
    await client.post("/prompt", { prompt: progressPrompt(1), partial_execution_targets: value, front: value });
    for (const path of ["/queue", "/history"]) await client.post(path, { delete: value, clear: value });
    await client.post("/interrupt", { prompt_id: value });
    await client.post("/api/jobs/cancel", { job_ids: value });
    await client.post("/upload/image", value, { headers: { "Content-Type": "multipart/form-data; boundary=x" } });
    await client.post("/upload/mask", "--x\r\n\r\n--x--", {
      headers: { "Content-Type": "multipart/form-data; boundary=x" },
    });
    client.ws.send(JSON.stringify(value));
  }
  for (const path of [
    "/view?filename=%00",
    "/history/%E0%A4%A",
    "//",
    "/api/api/queue",
    "/history?max_items=x",
    "/?%",
  ]) {
    await (await fetch(sim.url + path)).text();
  }
  await client.end((await client.submit(progressPrompt(3))).prompt_id);
});

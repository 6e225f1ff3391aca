// @ts-check
// Uploads: what is wrong with one is found before anything is sent.
import { equal, match, ok, rejects, scenario } from "./harness.mjs";
import { textToImage } from "./prompts.mjs";

const picture = () => new Blob(["picture"], { type: "image/png" });

/** A prompt with a loader. */
const withLoader = () => ({
  ...textToImage(),
  10: { class_type: "LoadImage", inputs: { image: "example.png" } },
});

/** @type {[string, Record<string, unknown>, RegExp][]} */
const WRONG_PLACES = [
  ["a type that there is not", { type: "foo" }, /^The option type of uploadImage must be "input", "temp" or "output"\.$/],
  ["a subfolder that leads out", { subfolder: "../.." }, /^The option subfolder of uploadImage must be a path below the/],
  ["an absolute subfolder", { subfolder: "/etc" }, /subfolder/],
  ["a name that leads out", { name: "../q.png" }, /^The option name of uploadImage must be the name of a file/],
];

for (const [what, options, message] of WRONG_PLACES) {
  scenario(`an upload to ${what} is refused, and nothing is sent`, async (api, sim) => {
    const server = await sim.start();
    const all = /** @type {any} */ ({ serverUrl: server.url, name: "q.png", ...options });
    match((await rejects(api.uploadImage(picture(), all), { code: "bad_input" })).message, message);
    const flow = await api.Workflow.load(withLoader());
    await rejects(flow.upload(picture(), all), { code: "bad_input" });
    equal(flow.prompt[10].inputs, { image: "example.png" });
    equal(await server.requests(), []);
  });
}

scenario("an upload goes to its folder and subfolder", async (api, sim) => {
  const server = await sim.start();
  const options = /** @type {const} */ ({ serverUrl: server.url, name: "q.png", type: "temp", subfolder: "a/../b" });
  const { type } = await api.uploadImage(picture(), options);
  equal(type, "temp");
});

scenario("what is no file is refused with what to do, and nothing is sent", async (api, sim) => {
  const server = await sim.start();
  const options = { serverUrl: server.url, name: "q.png" };
  const before = (await server.requests()).length;
  /** @type {[any, string][]} */
  const wrong = [
    ["q.png", "uploadImage sends a File, a Blob or bytes, not a string. Of a file of the disk Node makes a Blob: await openAsBlob(path), of node:fs."],
    [Promise.resolve(picture()), "The file of uploadImage is a promise; put `await` before it."],
    [undefined, "uploadImage sends a File, a Blob or bytes, not undefined."],
    [{ blob: () => picture() }, "uploadImage sends a File, a Blob or bytes, not an object. Pass what its blob() resolves to."],
  ];
  for (const [file, message] of wrong) {
    equal((await rejects(api.uploadImage(file, options), { code: "bad_input" })).message, message);
  }
  const hint = { option: "name", advice: "pass_option" };
  const unnamed = /** @type {any} */ ({ serverUrl: server.url });
  await rejects(api.uploadImage(picture(), unnamed), { code: "bad_input", hint });
  equal((await server.requests()).length, before);
});

scenario("a mask is for a picture that is named, or for an upload", async (api, sim) => {
  const server = await sim.start();
  const run = await api.submit(textToImage(), { serverUrl: server.url, wait: true });
  const [image] = await run.fetchImages();
  const bytes = await image.blob();
  const options = { serverUrl: server.url, name: "mask.png" };
  const upload = await api.uploadImage(bytes, { serverUrl: server.url, name: "face.png" });
  const { filename, subfolder, type } = image;
  for (const originalRef of [upload, image, { filename, subfolder, type }]) {
    const { name } = await api.uploadMask(bytes, /** @type {any} */ ({ ...options, originalRef, overwrite: true }));
    equal(name, "mask.png");
  }
  const before = (await server.requests()).length;
  /** @type {[any, RegExp][]} */
  const wrong = [
    [undefined, /^uploadMask needs originalRef: \{ filename, subfolder, type \}/],
    [{}, /^The option originalRef of uploadMask must be \{ filename, subfolder, type \}.*or what uploadImage gave/],
    ["face.png", /originalRef/],
    [{ filename: "face.png", type: "foo" }, /originalRef/],
    [{ filename: "../face.png" }, /originalRef/],
    [Promise.resolve(upload), /^The option originalRef of uploadMask is a promise; put `await` before it\.$/],
  ];
  for (const [originalRef, message] of wrong) {
    const error = await rejects(api.uploadMask(bytes, { ...options, originalRef }), { code: "bad_input" });
    match(error.message, message);
  }
  equal((await server.requests()).length, before);
});

scenario("an upload into a prompt names the node or the input that there is not", async (api, sim) => {
  const server = await sim.start();
  const flow = await api.Workflow.load(withLoader());
  const options = { serverUrl: server.url, name: "q.png" };
  const loaders = "Files are loaded by 10 (LoadImage, input image).";
  for (const [where, message] of /** @type {const} */ ([
    [{ node: "99" }, `The prompt has no node 99 with inputs. ${loaders}`],
    [{ node: "10", input: "foo" }, "Node 10 (LoadImage) of the prompt has no input foo; it has image."],
    [{ node: "9" }, `Node 9 (SaveImage) of the prompt loads no file like q.png. Say where it goes: upload(file, { node, input }). ${loaders}`],
  ])) {
    equal((await rejects(flow.upload(picture(), { ...options, ...where }), { code: "bad_input" })).message, message);
  }
  equal(flow.prompt[10].inputs, { image: "example.png" });
  equal(await server.requests(), []);
  const { node, input } = await flow.upload(picture(), { ...options, node: "10", input: "image" });
  equal([node, input, flow.prompt[10].inputs], ["10", "image", { image: "q.png" }]);
});

scenario("one run's picture is the next one's input in one line", async (api, sim) => {
  const [one, other] = [await sim.start(), await sim.start()];
  const run = await api.submit(textToImage(), { serverUrl: one.url, wait: true });
  const [image] = await run.fetchImages();
  for (const server of [one, other]) {
    const flow = await api.Workflow.load(withLoader(), { serverUrl: server.url });
    const { name } = await flow.upload(image);
    equal(flow.prompt[10].inputs.image, name);
    const back = await new api.ComfyClient({ serverUrl: server.url }).file({ filename: name, type: "input" }).bytes();
    equal([...back], [...(await image.bytes())], "the same bytes arrive");
  }
});

scenario("URLs and data URLs are uploaded, under the names that they have", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url });
  const run = await comfy.submit(textToImage(), { wait: true });
  const [image] = await run.fetchImages();
  const bytes = await image.bytes();
  const base64 = btoa(String.fromCharCode(...bytes));
  const stored = async (/** @type {any} */ upload) => [...(await comfy.file({ ...upload, filename: upload.name }).bytes())];
  const data = await comfy.upload(`data:image/png;base64,${base64}`);
  equal(data.name, "upload.png");
  equal(await stored(data), [...bytes]);
  const text = await comfy.upload("data:,a%20text", { name: "note.txt" });
  equal(await stored(text), [...new TextEncoder().encode("a text")]);
  const url = await comfy.upload(new URL(image.url));
  ok(url.name.startsWith("view"), `${url.name} is the name in the URL`);
  equal(await stored(url), [...bytes]);
  const flow = await comfy.load(withLoader());
  await flow.upload(`data:image/png;base64,${base64}`, { name: "cat.png" });
  match(String(flow.prompt[10].inputs.image), /^cat/);
});

scenario("a URL whose content is too large, missing or none is not uploaded", async (api, sim) => {
  const server = await sim.start();
  const comfy = new api.ComfyClient({ serverUrl: server.url, maxResponseBytes: 1000 });
  const uploads = async () => (await server.requests()).filter(({ path }) => path.startsWith("/upload")).length;
  const large = `data:application/octet-stream;base64,${btoa("x".repeat(2000))}`;
  match((await rejects(comfy.upload(large), { code: "too_large" })).message, /0.001 MB.*maxResponseBytes/);
  await rejects(comfy.upload("data:image/png;base64,%%%"), { code: "bad_input" });
  const missing = await rejects(comfy.upload(`${server.url}/view?filename=none.png&token=secret`), { code: "http", status: 404 });
  ok(!missing.message.includes("secret"), "no query in the message");
  await rejects(comfy.upload("http://127.0.0.1:9/x.png"), { code: "network" });
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await rejects(comfy.upload(`${server.url}/view?filename=x.png`, { signal: controller.signal }), { message: "enough" });
  equal(await uploads(), 0);
});

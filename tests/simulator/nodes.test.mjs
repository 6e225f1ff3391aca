// Execution of nodes: pictures, caching, metadata in files, lazy inputs, expansion.
import assert from "node:assert/strict";
import { decodePng, encodePng, pngText, samplePng } from "../../pkg-template/testing/index.js";
import { connect, progressPrompt, simTest } from "./client.mjs";

function textToImage({
  text = "a lighthouse",
  seed = 1,
  steps = 3,
  width = 32,
  height = 24,
  denoise = 1,
  more = {},
} = {}) {
  return {
    3: {
      class_type: "KSampler",
      inputs: {
        seed,
        steps,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise,
        model: ["4", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
      },
    },
    4: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "whatever.safetensors" } },
    5: { class_type: "EmptyLatentImage", inputs: { width, height, batch_size: 1 } },
    6: { class_type: "CLIPTextEncode", inputs: { text, clip: ["4", 1] } },
    7: { class_type: "CLIPTextEncode", inputs: { text: "blurry", clip: ["4", 1] } },
    8: { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
    9: { class_type: "SaveImage", inputs: { filename_prefix: "made", images: ["8", 0] } },
    ...more,
  };
}

/** Runs a prompt and returns its history item. */
async function run(sim, prompt, more) {
  const client = await connect(sim);
  const { prompt_id: id } = await client.submit(prompt, more);
  await client.end(id);
  const item = (await client.get(`/history/${id}`))[id];
  return { ...item, client, id };
}

const picture = (sim, { filename, subfolder, type }) => decodePng(sim.files.read(type, subfolder, filename));
const cachedNodes = ({ client }) => client.frames.find((frame) => frame?.type === "execution_cached").data.nodes;

simTest("text becomes a picture, with previews on the way", {}, async (sim) => {
  const { outputs, client } = await run(sim, textToImage());
  const [file] = outputs[9].images;
  assert.deepEqual(file, { filename: "made_00001_.png", subfolder: "", type: "output" });
  const made = picture(sim, file);
  assert.deepEqual([made.width, made.height, made.channels], [32, 24, 3]);
  assert.ok(new Set(made.data).size > 50, "it is not one flat colour");
  const previews = client.frames.filter((frame) => Buffer.isBuffer(frame));
  assert.equal(previews.length, 3);
  assert.deepEqual([...previews[0].subarray(4, 10)], [0, 0, 0, 1, 0xff, 0xd8], "JPEG");
  const order = client.frames.filter((frame) => frame?.type === "executing").map((frame) => frame.data.node);
  assert.deepEqual([...order.slice(0, -1)].sort(), ["3", "4", "5", "6", "7", "8", "9"]);
});

simTest("the same words and seed give the same picture, others another", {}, async (sim) => {
  const data = async (options) => picture(sim, (await run(sim, textToImage(options))).outputs[9].images[0]).data;
  const first = await data({});
  await data({ seed: 2 });
  assert.deepEqual(await data({}), first);
  assert.notDeepEqual(await data({ seed: 2 }), first);
  assert.notDeepEqual(await data({ text: "a volcano at night" }), first);
});

simTest("64-bit seeds are distinct and come back unchanged", {}, async (sim) => {
  const made = [];
  for (const seed of ["18446744073709551615", "18446744073709551614"]) {
    const text = JSON.stringify({ prompt: textToImage(), client_id: "me" }).replace('"seed":1', `"seed":${seed}`);
    const done = sim.waitFor("prompt_done");
    const { prompt_id: id } = await (await fetch(`${sim.url}/prompt`, { method: "POST", body: text })).json();
    await done;
    const history = await (await fetch(`${sim.url}/history/${id}`)).text();
    assert.match(history, new RegExp(`"seed": ${seed}`));
    made.push(picture(sim, JSON.parse(history)[id].outputs[9].images[0]).data);
  }
  assert.notDeepEqual(made[0], made[1]);
});

simTest("a saved PNG carries its prompt and workflow", {}, async (sim) => {
  const workflow = { nodes: [{ id: 1, title: "größer 🙂" }], links: [] };
  const prompt = textToImage();
  const { outputs } = await run(sim, prompt, { extra_data: { extra_pnginfo: { workflow } } });
  const text = pngText(sim.files.read("output", "", outputs[9].images[0].filename));
  assert.deepEqual(JSON.parse(text.prompt), prompt);
  assert.deepEqual(JSON.parse(text.workflow), workflow);
});

simTest("the prompt keeps the order in which it was sent, also in the PNG", {}, async (sim) => {
  const body =
    '{"client_id": "me", "prompt": {"9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], ' +
    '"filename_prefix": "x"}}, "1": {"class_type": "EmptyImage", "inputs": {"width": 2, "height": 2, ' +
    '"batch_size": 1, "color": 255}}}}';
  const done = sim.waitFor("prompt_done");
  await fetch(`${sim.url}/prompt`, { method: "POST", body });
  await done;
  const { prompt } = pngText(sim.files.read("output", "", "x_00001_.png"));
  assert.ok(prompt.indexOf('"9"') < prompt.indexOf('"1"'));
  assert.equal(prompt, body.slice(body.indexOf('prompt": ') + 9, -1));
});

simTest("what was computed is kept: the same prompt again runs nothing", {}, async (sim) => {
  await run(sim, textToImage());
  const again = await run(sim, textToImage());
  assert.deepEqual(cachedNodes(again).sort(), ["3", "4", "5", "6", "7", "8", "9"]);
  assert.ok(!again.client.frames.some((frame) => frame?.type === "executing" && frame.data.node !== null));
  const other = await run(sim, textToImage({ seed: 2 }));
  assert.deepEqual(cachedNodes(other).sort(), ["4", "5", "6", "7"]);
});

simTest("a batch becomes several files, a folder in the prefix a subfolder", {}, async (sim) => {
  const prompt = {
    1: { class_type: "EmptyImage", inputs: { width: 4, height: 2, batch_size: 2, color: 0x102030 } },
    2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "day/one" } },
  };
  const { outputs } = await run(sim, prompt);
  assert.deepEqual(outputs[2].images, [
    { filename: "one_00001_.png", subfolder: "day", type: "output" },
    { filename: "one_00002_.png", subfolder: "day", type: "output" },
  ]);
  assert.deepEqual([...picture(sim, outputs[2].images[1]).data.slice(0, 3)], [0x10, 0x20, 0x30]);
  const outside = { ...prompt, 2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "../x" } } };
  assert.equal((await run(sim, outside)).status.status_str, "error");
});

simTest("image nodes do what they say", {}, async (sim) => {
  const rgba = { width: 2, height: 1, channels: 4, data: Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 0]) };
  sim.files.write("input", "", "in.png", encodePng(rgba));
  const load = { 1: { class_type: "LoadImage", inputs: { image: "in.png" } } };
  const result = async (class_type, inputs) => {
    const prompt = {
      ...load,
      2: { class_type, inputs },
      3: { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
    };
    const { outputs } = await run(sim, prompt);
    assert.match(outputs[3].images[0].filename, /^ComfyUI_temp_[a-z]{5}_\d{5}_\.png$/);
    const { width, height, data } = picture(sim, outputs[3].images[0]);
    return [width, height, ...data];
  };
  const image = ["1", 0];
  assert.deepEqual(await result("ImageInvert", { image }), [2, 1, 0, 255, 255, 255, 255, 0]);
  const flipped = await result("ImageFlip", { image, flip_method: "y-axis: horizontally" });
  assert.deepEqual(flipped, [2, 1, 0, 0, 255, 255, 0, 0]);
  const cropped = await result("ImageCrop", { image, x: 1, y: 0, width: 1, height: 1 });
  assert.deepEqual(cropped, [1, 1, 0, 0, 255]);
  const scaling = { image, upscale_method: "nearest-exact", width: 4, height: 1, crop: "disabled" };
  assert.deepEqual(await result("ImageScale", scaling), [4, 1, 255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255]);
  const blend = { image1: image, image2: image, blend_factor: 1, blend_mode: "difference" };
  assert.deepEqual(await result("ImageBlend", blend), [2, 1, 0, 0, 0, 0, 0, 0]);
  const screen = { ...blend, blend_mode: "screen" };
  assert.deepEqual(await result("ImageBlend", screen), [2, 1, 255, 0, 0, 0, 0, 255]);
});

simTest("an image that is not there is refused before it runs", {}, async (sim) => {
  const client = await connect(sim);
  const prompt = {
    1: { class_type: "LoadImage", inputs: { image: "none.png" } },
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
  await assert.rejects(client.submit(prompt), ({ body }) => {
    const [error] = body.node_errors[1].errors;
    assert.deepEqual([error.type, error.details], ["custom_validation_failed", "image - Invalid image file: none.png"]);
    return true;
  });
});

simTest("image-to-image: denoise is the share of the image that is replaced", {}, async (sim) => {
  sim.files.write("input", "", "in.png", encodePng({ width: 16, height: 16, channels: 3, data: new Uint8Array(768) }));
  const more = {
    5: { class_type: "VAEEncode", inputs: { pixels: ["10", 0], vae: ["4", 2] } },
    10: { class_type: "LoadImage", inputs: { image: "in.png" } },
  };
  const brightness = async (denoise) => {
    const { outputs } = await run(sim, textToImage({ denoise, more }));
    return picture(sim, outputs[9].images[0]).data.reduce((sum, value) => sum + value, 0);
  };
  assert.equal(await brightness(0), 0);
  assert.ok((await brightness(0.3)) < (await brightness(1)));
});

simTest("values and text: primitives, joining, showing, saving", {}, async (sim) => {
  const { outputs } = await run(sim, {
    1: { class_type: "PrimitiveInt", inputs: { value: 9007199254740991 } },
    2: { class_type: "PreviewAny", inputs: { source: ["1", 0] } },
    3: { class_type: "StringConcatenate", inputs: { string_a: "a", string_b: "b", delimiter: "+" } },
    4: { class_type: "SaveText", inputs: { text: ["3", 0], filename_prefix: "notes", format: "md" } },
  });
  assert.deepEqual(outputs[2], { text: ["9007199254740991"] });
  assert.deepEqual(outputs[4].text, ["a+b"]);
  assert.equal(String(sim.files.read("output", "", outputs[4].files[0].filename)), "a+b");
});

const CUSTOM = {
  Shout: {
    input: { required: { text: ["STRING", {}] }, optional: { times: ["INT", { default: 1, min: 1 }] } },
    output: ["STRING"],
    output_node: true,
    async run(context) {
      await context.progress(1, 2);
      await context.progress(2, 2);
      const text = context.inputs.text.toUpperCase().repeat(context.inputs.times ?? 1);
      return { result: [text], ui: { text: [text] } };
    },
  },
  Clock: { output: ["INT"], is_changed: () => Math.random(), run: () => [1] },
};

simTest("nodes can be added", { nodes: CUSTOM }, async (sim) => {
  const prompt = { 1: { class_type: "Shout", inputs: { text: "hey", times: 2 } } };
  const { outputs, client } = await run(sim, prompt);
  assert.deepEqual(outputs[1], { text: ["HEYHEY"] });
  assert.equal(client.frames.filter((frame) => frame?.type === "progress").length, 2);
  const { Shout: info } = await client.get("/object_info/Shout");
  assert.deepEqual(info.input_order, { required: ["text"], optional: ["times"] });
  const never = {
    1: { class_type: "Clock", inputs: {} },
    2: { class_type: "PreviewAny", inputs: { source: ["1", 0] } },
  };
  await run(sim, never);
  assert.deepEqual(cachedNodes(await run(sim, never)), []);
});

/** Nodes of the `executing` frames with the node that shows them. */
const executed = ({ client }) =>
  client.frames
    .filter((frame) => frame?.type === "executing" && frame.data.node !== null)
    .map(({ data }) => [data.node, data.display_node]);

simTest("a node expands into others, whose ids are made while it runs", { speed: 1000 }, async (sim) => {
  const prompt = {
    12: { class_type: "LabExpand", inputs: { count: 2, seed: 1 } },
    13: { class_type: "PreviewImage", inputs: { images: ["12", 0] } },
  };
  const made = await run(sim, prompt);
  assert.equal(made.outputs[13].images.length, 1);
  assert.deepEqual(executed(made), [
    ["12", "12"],
    ["12.0.0.1", "12"],
    ["12.0.0.2", "12"],
    ["12.0.0.3", "12"],
    ["12.0.0.4", "12"],
    ["13", "13"],
  ]);
  const states = made.client.frames.filter((frame) => frame?.type === "progress_state").map(({ data }) => data.nodes);
  assert.equal(states.findLast((nodes) => nodes["12.0.0.3"]?.state === "running")[12].state, "running");
  const state = states.at(-1)["12.0.0.1"];
  assert.deepEqual([state.parent_node_id, state.real_node_id, state.state], ["12", "12", "finished"]);
  const again = await run(sim, prompt);
  assert.deepEqual([cachedNodes(again), executed(again)], [["12", "13"], []]);
});

const lazyPrompt = (chosen) => ({
  1: { class_type: "LabProgress", inputs: { steps: 2, delay_ms: 0, preview: false, size: 8, seed: 1 } },
  2: { class_type: "ImageInvert", inputs: { image: ["1", 0] } },
  3: { class_type: "EmptyImage", inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
  4: { class_type: "ComfySwitchNode", inputs: { switch: chosen, on_true: ["2", 0], on_false: ["3", 0] } },
  5: { class_type: "PreviewImage", inputs: { images: ["4", 0] } },
});

simTest("a lazy node starts before its ancestors, and only the branch that it asks for runs", {}, async (sim) => {
  const ids = (made) => executed(made).map(([id]) => id);
  const chosen = await run(sim, lazyPrompt(true));
  assert.deepEqual(ids(chosen), ["4", "1", "2", "4", "5"]);
  assert.deepEqual(ids(await run(sim, lazyPrompt(false))), ["4", "3", "4", "5"]);
  assert.equal(chosen.outputs[5].images.length, 1);
});

simTest("a lazy node whose input is cached runs at once", {}, async (sim) => {
  await run(sim, lazyPrompt(true));
  const { 4: _, 5: __, ...rest } = lazyPrompt(true);
  const shown = { ...lazyPrompt(true), 5: { class_type: "SaveImage", inputs: { images: ["4", 0], filename_prefix: "x" } } };
  assert.deepEqual(executed(await run(sim, shown)), [["5", "5"]]);
  const other = { ...rest, 6: { class_type: "LabLazyMix", inputs: { image1: ["2", 0], image2: ["3", 0], amount: 0.5 } } };
  const mixed = await run(sim, { ...other, 7: { class_type: "PreviewImage", inputs: { images: ["6", 0] } } });
  assert.deepEqual(
    executed(mixed).map(([id]) => id),
    ["6", "3", "6", "7"],
  );
});

simTest("SaveImageWebsocket sends each picture as a PNG frame and shows nothing in history", {}, async (sim) => {
  const prompt = {
    1: { class_type: "EmptyImage", inputs: { width: 4, height: 2, batch_size: 3, color: 0x102030 } },
    2: { class_type: "SaveImageWebsocket", inputs: { images: ["1", 0] } },
  };
  sim.previews = false;
  const made = await run(sim, prompt);
  const images = made.client.frames.filter((frame) => Buffer.isBuffer(frame));
  assert.deepEqual(
    images.map((frame) => [frame.readUInt32BE(0), frame.readUInt32BE(4), decodePng(frame.subarray(8)).width]),
    [
      [1, 2, 4],
      [1, 2, 4],
      [1, 2, 4],
    ],
  );
  assert.deepEqual([made.outputs, made.status.status_str], [{}, "success"]);
  assert.ok(!made.client.types().includes("executed"));
  assert.deepEqual(executed(await run(sim, prompt)), [["2", "2"]]);
});

simTest("a cached output node sends `executed` again without running", {}, async (sim) => {
  await run(sim, progressPrompt());
  const again = await run(sim, progressPrompt());
  assert.deepEqual(executed(again), []);
  assert.deepEqual(
    again.client.frames.filter((frame) => frame?.type === "executed").map(({ data }) => data.node),
    ["3"],
  );
});

simTest("a blocked output stops what is behind it, and the prompt succeeds", {}, async (sim) => {
  const block = (message) => ({
    ...progressPrompt(),
    2: { class_type: "LabBlock", inputs: { image: ["1", 0], message } },
    4: { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  });
  const quiet = await run(sim, block(""));
  assert.deepEqual([quiet.status.status_str, Object.keys(quiet.outputs)], ["success", ["3"]]);
  assert.ok(!quiet.client.types().includes("execution_error"));
  const loud = await run(sim, block("not now"));
  const { data } = loud.client.frames.find((frame) => frame?.type === "execution_error");
  assert.deepEqual([data.node_id, data.exception_type], ["4", "ExecutionBlocked"]);
  assert.equal(loud.status.status_str, "success");
});

simTest("an exception keeps what was shown before it", {}, async (sim) => {
  const { outputs, status } = await run(sim, {
    ...progressPrompt(),
    2: { class_type: "LabFail", inputs: { image: ["1", 0], message: "boom" } },
    4: { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  });
  assert.equal(status.status_str, "error");
  assert.deepEqual(Object.keys(outputs), ["3"]);
});

simTest("samplePng is a file to upload", {}, async () => {
  assert.deepEqual(decodePng(samplePng(3, 2)).width, 3);
});

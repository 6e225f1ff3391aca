// @ts-check
// Pictures and texts out of binary frames: whose they are, what they show, and of which type.
import { equal, ok, rejects, scenario } from "./harness.mjs";
import { counting, endless, shownText, speaking, textToImage } from "./prompts.mjs";
import { awaiting, begun, recorder } from "./runs.mjs";

/** @param {any} image */
async function bytesOf(image) {
  return new Uint8Array(await image.arrayBuffer());
}

const SIGNATURES = { "image/jpeg": [0xff, 0xd8, 0xff], "image/png": [0x89, 0x50, 0x4e, 0x47] };

/** @param {any} event */
async function checkPicture({ data }) {
  ok(data.image instanceof Blob, "a Blob");
  equal(data.image.type, data.mime_type);
  const bytes = await bytesOf(data.image);
  const signature = /** @type {any} */ (SIGNATURES)[data.mime_type];
  equal([...bytes.slice(0, signature.length)], signature, `bytes of ${data.mime_type}`);
}

scenario("a preview names its node and is a Blob of its type", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, held: true });
  const heard = recorder();
  // What the client wants is on its way before the prompt is, but on another connection.
  const { asked } = await awaiting(server, { asked: ["message"] });
  const call = api.submit(textToImage(), { serverUrl: server.url, wait: true, previews: true, onEvent: heard });
  equal(JSON.parse((await asked).text).data, { supports_preview_metadata: true });
  await heard.heard("submitted");
  await server.resume();
  await call;
  heard.end();
  const previews = heard.of("preview");
  equal(previews.length, 4, "one a step");
  for (const event of previews) {
    await checkPicture(event);
    equal([event.data.node_id, event.data.display_node_id, event.node_current], ["3", "3", "3"]);
    // The server reads the flags from one connection and the prompt from another: the first previews may still be of
    // the older kind, which carries no metadata.
    if (!event.raw) continue;
    equal([event.raw.node_id, event.raw.prompt_id], ["3", event.prompt_id]);
    equal(event.raw.image_type, event.data.mime_type);
  }
  ok(previews.at(-1).raw, "the last preview carries its metadata");
});

scenario("a preview without metadata belongs to whatever this client has running", async (api, sim) => {
  // Servers that do not know the flag send the older frame.
  const server = await sim.start({ lab: true, features: {} });
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal };
  const call = api.submit(endless(), options);
  const other = recorder();
  await heard.heard("progress");
  const next = api.submit(counting(), { serverUrl: server.url, wait: true, onEvent: other });
  await other.heard("submitted");
  await server.sendFrame(older([0xff, 0xd8, 0xff, 0xe0], 1));
  const event = await heard.heard("preview");
  equal([event.data.node_id, event.data.display_node_id, event.raw], ["1", "1", null]);
  equal(event.data.mime_type, "image/jpeg");
  controller.abort();
  await rejects(call);
  await next;
  equal(other.of("preview"), [], "it was not running");
});

scenario("alone on its socket, a run gets no unnamed preview or progress of another prompt", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const options = { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal };
  // After its start the node is silent: the frames from here on are those that are sent below.
  const call = api.submit(counting({ steps: 2, delayMs: 60_000 }), options);
  const { prompt_id } = await heard.heard((event) => event.type === "executing" && event.node_current === "1");
  const progress = (/** @type {number} */ value) => ({ type: "progress", data: { value, max: 100 } });
  const executing = (/** @type {string} */ id) => ({ type: "executing", data: { node: "1", prompt_id: id } });
  const frames = [
    progress(1), executing("of another program"), progress(2), older([0xff, 0xd8, 0xff, 0xe0], 1),
    executing(prompt_id), progress(3), { type: "the.last", data: {} },
  ];
  for (const frame of frames) await server.sendFrame(frame);
  await heard.heard("the.last");
  controller.abort();
  await rejects(call);
  equal(heard.of("progress").map(({ data }) => data.value), [1, 3]);
  equal(heard.of("preview"), []);
});

scenario("a picture is labelled by what it is, whatever its frame says", async (api, sim) => {
  const server = await sim.start({ lab: true });
  const heard = recorder();
  const controller = new AbortController();
  const call = api.submit(endless(), { serverUrl: server.url, wait: true, onEvent: heard, signal: controller.signal });
  await heard.heard("progress");
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0];
  await server.sendFrame(older(png, 1));
  const { data } = await heard.heard("preview");
  equal([data.mime_type, data.image.type], ["image/png", "image/png"]);
  controller.abort();
  await rejects(call);
});

scenario("another prompt's preview does not come, though everyone is told", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true, broadcast: true });
  const [ours, theirs] = [recorder(), recorder()];
  const options = { serverUrl: server.url, wait: true };
  const one = api.submit(counting({ preview: true }), { ...options, clientId: "a", onEvent: ours });
  await ours.heard("submitted");
  const two = api.submit(shownText(), { ...options, clientId: "b", onEvent: theirs });
  await theirs.heard("submitted");
  await server.resume();
  await Promise.all([one, two]);
  equal([ours.of("preview").length, theirs.of("preview").length], [4, 0]);
});

scenario("previews: false keeps them away, previews: true asks for them", async (api, sim) => {
  for (const [ofServer, previews, count] of [[false, undefined, 0], [false, true, 4], [true, undefined, 4], [true, false, 0]]) {
    const server = await sim.start({ lab: true, held: true, previews: ofServer });
    const heard = recorder();
    const options = { serverUrl: server.url, wait: true, onEvent: heard, previews: /** @type {any} */ (previews) };
    await begun(server, heard, api.submit(counting({ preview: true }), options));
    equal(heard.of("preview").length, count, `server ${ofServer}, option ${previews}`);
  }
});

scenario("the text that a node shows while it works is told with its node", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const heard = recorder();
  await begun(server, heard, api.submit(speaking("né 50 %"), { serverUrl: server.url, wait: true, onEvent: heard }));
  const [event, ...more] = heard.of("progress_text");
  equal(event.data, { node_id: "3", text: "né 50 %" });
  equal([event.raw, more.length], [null, 0]);
});

scenario("another prompt's text does not come, though everyone is told", async (api, sim) => {
  const server = await sim.start({ lab: true, held: true });
  const [ours, theirs] = [recorder(), recorder()];
  const one = api.submit(speaking("x"), { serverUrl: server.url, wait: true, onEvent: ours, clientId: "a" });
  await ours.heard("submitted");
  const two = api.submit(shownText(), { serverUrl: server.url, wait: true, onEvent: theirs, clientId: "b" });
  await theirs.heard("submitted");
  await server.resume();
  await Promise.all([one, two]);
  equal([ours.of("progress_text").length, theirs.of("progress_text").length], [1, 0]);
});

scenario("a preview does not end up among the results", async (api, sim) => {
  const server = await sim.start({ stepMs: 0, held: true });
  const heard = recorder();
  const options = { serverUrl: server.url, wait: true, previews: true, onEvent: heard };
  const run = await begun(server, heard, api.submit(textToImage(), options));
  ok(heard.of("preview").length > 0, "there were some");
  equal(Object.keys(run.outputs), ["9"]);
  equal((await run.fetchFiles()).length, 1);
});

/** A preview frame of type 1, as `sendFrame` takes it from a page too. @param {number[]} image @param {number} format */
function older(image, format) {
  return { bytes: [0, 0, 0, 1, 0, 0, 0, format, ...image] };
}

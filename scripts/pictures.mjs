// @ts-check
// `node scripts/pictures.mjs`: makes the pictures of the README in docs/images/, out of the demo page and the simulator.
import fs from "node:fs";
import path from "node:path";
import { animatedWebp } from "./animated-webp.mjs";
import { build } from "./build.mjs";
import { buildPage, page as built } from "./page.mjs";
import { root } from "./paths.mjs";
import { say, script } from "./run.mjs";
import { serve } from "./serve.mjs";
import { setup } from "./setup.mjs";
import { chromium as findChromium } from "./tools.mjs";

const SIZE = { width: 1280, height: 760 };
const RECORDED = { width: 960, height: 570 };
const QUALITY = 0.72;
const STEP_MS = 250;
/** How long the end is shown before the recording begins again. */
const END_MS = 2500;

const folder = path.join(root, "docs", "images");

script(async () => {
  await build(await setup());
  await buildPage();
  const { startSimulator } = await import("comfyui-autoflow/testing");
  const { chromium } = await import("playwright-core");
  const found = await findChromium();
  if ("missing" in found) throw new Error(found.missing);
  const simulator = await startSimulator({ cors: true, stepMs: STEP_MS });
  const server = await serve({ "/": built });
  const browser = await chromium.launch({ executablePath: found.path, args: ["--no-sandbox", "--disable-gpu"] });
  fs.mkdirSync(folder, { recursive: true });
  try {
    const open = async (/** @type {"light" | "dark"} */ colorScheme) => {
      // It would also contain everything from before.
      await simulator.restart();
      const page = await browser.newPage({ viewport: SIZE, colorScheme });
      await page.goto(`${server.url}/?server=${encodeURIComponent(simulator.url)}`);
      await page.waitForSelector("#run:not([disabled])");
      return page;
    };
    await record(await open("dark"), await browser.newPage(), "run.webp");
    await still(await open("light"), "page-light.png");
    await still(await open("dark"), "page-dark.png");
  } finally {
    await browser.close();
    await server.close();
    await simulator.close();
  }
});

/** The page in the middle of a run. @param {import("playwright-core").Page} page @param {string} name */
async function still(page, name) {
  await page.click("#run");
  await page.waitForFunction(() => document.getElementById("bar-detail")?.textContent?.match(/, 1[6-9] of/), null, { polling: "raf" });
  await page.screenshot({ path: path.join(folder, name) });
  say(`docs/images/${name}`);
  await page.close();
}

/**
 * A whole run, as fast as it went.
 *
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").Page} encoder a page that makes WebP of PNG
 * @param {string} name
 */
async function record(page, encoder, name) {
  /** @type {{ png: Buffer, at: number }[]} */
  const shots = [];
  const shoot = async () => shots.push({ at: Date.now(), png: await page.screenshot() });
  await shoot();
  await page.click("#run");
  for (let over = false; !over; ) {
    over = await page.evaluate(() => document.getElementById("bar")?.dataset.state === "completed" && !!document.querySelector(".card img"));
    await shoot();
  }
  const frames = [];
  for (const [index, { png, at }] of shots.entries()) {
    const ms = (shots[index + 1]?.at ?? at + END_MS) - at;
    const part = await encoder.evaluate(encode, { png: png.toString("base64"), quality: QUALITY, ...RECORDED });
    if (part) frames.push({ ...part, webp: Buffer.from(part.webp, "base64"), ms });
    else frames[frames.length - 1].ms += ms;
  }
  const file = animatedWebp(RECORDED.width, RECORDED.height, frames);
  fs.writeFileSync(path.join(folder, name), file);
  say(`docs/images/${name}: ${frames.length} frames, ${Math.round(file.length / 1000)} kB`);
  await page.close();
}

/** Runs in the page: the part of a picture that differs from the one before, as WebP; null where nothing does. @param {any} given */
async function encode({ png, quality, width, height }) {
  const kept = /** @type {any} */ (globalThis);
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const now = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const before = kept.before ?? new Uint32Array(now.length);
  kept.before = now;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let at = 0; at < now.length; at += 1) {
    if (now[at] === before[at]) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (right < 0) return null;
  // Where a frame begins must be even.
  const [x, y] = [left & ~1, top & ~1];
  const part = new OffscreenCanvas(right - x + 1, bottom - y + 1);
  /** @type {OffscreenCanvasRenderingContext2D} */ (part.getContext("2d", { alpha: false })).drawImage(canvas, -x, -y);
  const bytes = new Uint8Array(await (await part.convertToBlob({ type: "image/webp", quality })).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { webp: btoa(text), x, y, width: part.width, height: part.height };
}

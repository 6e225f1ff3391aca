// @ts-check
// The disk: loading, saving and uploading files, and what happens where the disk or a name does not play along.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, mock, test } from "node:test";
import { loadFile, saveFiles, uploadFile, writeFile } from "comfyui-autoflow/node";
import { startSimulator } from "comfyui-autoflow/testing";
import { pkg, root } from "../../scripts/paths.mjs";

/** @typedef {import("comfyui-autoflow").ResultFile} ResultFile */

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const WEBP = new TextEncoder().encode("RIFF....WEBPVP8 ....");

/** @type {string} */
let base;
let folders = 0;

before(async () => (base = await fs.mkdtemp(path.join(os.tmpdir(), "autoflow-files-"))));
after(() => fs.rm(base, { recursive: true }));

/** A folder of its own for a test. */
async function newFolder() {
  const folder = path.join(base, String(folders++));
  await fs.mkdir(folder);
  return folder;
}

/** @param {Uint8Array} content */
const flow = (content) => new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (content)]).stream();

/**
 * A file of a run, as the server lists it.
 *
 * @param {string} filename
 * @param {Uint8Array} [content]
 */
function made(filename, content = PNG) {
  const file = { filename, key: "images", nodeId: "9", fetched: 0, stream: async () => (file.fetched++, flow(content)) };
  return /** @type {ResultFile & { fetched: number }} */ (/** @type {unknown} */ (file));
}

/** @param {string} folder everything in it, with `/` */
async function everything(folder) {
  const entries = await fs.readdir(folder, { recursive: true });
  return entries.map((entry) => entry.split(path.sep).join("/")).sort();
}

/**
 * @param {string} code
 * @param {RegExp} message
 */
function refused(code, message) {
  return (/** @type {any} */ error) => {
    assert.equal(error.name, "ComfyError");
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

/** @param {string} code */
function diskError(code) {
  return Object.assign(new Error(`${code}: the disk says so`), { code });
}

describe("saveFiles", () => {
  test("keeps the server's names and returns the paths in the order of the files", async () => {
    const out = path.join(await newFolder(), "made/on/the/way");
    const written = await saveFiles([made("b_1_.png"), made("a_1_.png")], out);
    assert.deepEqual(written, [path.join(out, "b_1_.png"), path.join(out, "a_1_.png")]);
    assert.deepEqual(new Uint8Array(await fs.readFile(written[0])), PNG);
    assert.deepEqual(await everything(out), ["a_1_.png", "b_1_.png"]);
  });

  test("names by a pattern in the target or in the options", async () => {
    const out = await newFolder();
    const files = [made("lab_7_.png"), made("lab_8_.png")];
    await saveFiles(files, path.join(out, "frame.###.png"), { indexOffset: 5 });
    await saveFiles(files, path.join(out, "odd#name"), { pattern: "{base}/{src_frame:03d}.{ext}" });
    assert.deepEqual(await everything(out), [
      "frame.005.png", "frame.006.png", "odd#name", "odd#name/lab_", "odd#name/lab_/007.png", "odd#name/lab_/008.png",
    ]);
  });

  test("stays in the folder whatever the server calls its files", async () => {
    const out = path.join(await newFolder(), "out");
    const names = ["../up.png", "/etc/passwd.png", "C:\\x.png", "..\\..\\y.png", "..", "nul.png", "a\u0000\n.png", ".rc"];
    await saveFiles(names.map((name) => made(name)), out);
    const safe = ["_", "_nul.png", "_rc", "a__.png", "passwd.png", "up.png", "x.png", "y.png"];
    assert.deepEqual(await everything(path.dirname(out)), ["out", ...safe.map((name) => `out/${name}`)]);
  });

  test("tells files of one name apart", async () => {
    const out = await newFolder();
    await saveFiles([made("a.png"), made("a.png"), made("A.png")], out);
    assert.deepEqual(await everything(out), ["A_3.png", "a.png", "a_2.png"]);
  });

  test("does not replace a file unasked, and fetches nothing to find that out", async () => {
    const out = await newFolder();
    await fs.writeFile(path.join(out, "a.png"), "mine");
    const files = [made("b.png"), made("a.png")];
    await assert.rejects(saveFiles(files, out), refused("file", /a\.png exists already\./));
    assert.equal(await fs.readFile(path.join(out, "a.png"), "utf8"), "mine");
    assert.deepEqual([await everything(out), files[0].fetched, files[1].fetched], [["a.png"], 0, 0]);
    await saveFiles(files, out, { overwrite: true });
    assert.deepEqual(new Uint8Array(await fs.readFile(path.join(out, "a.png"))), PNG);
  });

  test("does not replace a file that appears while another is fetched", async () => {
    const out = await newFolder();
    const file = made("a.png");
    file.stream = async () => {
      await fs.writeFile(path.join(out, "a.png"), "mine");
      return flow(PNG);
    };
    await assert.rejects(saveFiles([file], out), refused("file", /exists already/));
    assert.equal(await fs.readFile(path.join(out, "a.png"), "utf8"), "mine");
    assert.deepEqual(await everything(out), ["a.png"]);
  });

  test("writes nothing through a link that leads out of the folder", async () => {
    const [out, elsewhere] = [await newFolder(), await newFolder()];
    await fs.symlink(elsewhere, path.join(out, "lab_"));
    const pattern = "{base}/deeper/#.png";
    await assert.rejects(saveFiles([made("lab_1_.png")], out, { pattern }), refused("file", /leads out of the chosen/));
    assert.deepEqual(await everything(elsewhere), []);
  });

  test("replaces a link and not the file behind it", async () => {
    const [out, elsewhere] = [await newFolder(), await newFolder()];
    await fs.writeFile(path.join(elsewhere, "mine.png"), "mine");
    await fs.symlink(path.join(elsewhere, "mine.png"), path.join(out, "a.png"));
    await assert.rejects(saveFiles([made("a.png")], out), refused("file", /exists already/));
    await saveFiles([made("a.png")], out, { overwrite: true });
    assert.equal(await fs.readFile(path.join(elsewhere, "mine.png"), "utf8"), "mine");
    assert.ok((await fs.lstat(path.join(out, "a.png"))).isFile());
  });

  test("follows a link that the chosen folder itself is", async () => {
    const [home, real] = [await newFolder(), await newFolder()];
    await fs.symlink(real, path.join(home, "out"));
    await saveFiles([made("a.png")], path.join(home, "out"));
    assert.deepEqual(await everything(real), ["a.png"]);
  });

  test("holds the content against the extension", async () => {
    const out = await newFolder();
    const files = [made("a.png", WEBP), made("a.webp", WEBP)];
    await assert.rejects(saveFiles(files, out), refused("bad_input", /a\.png.*webp.*nothing is converted/s));
    const written = await saveFiles(files, path.join(out, "2"), { extension: "content" });
    assert.deepEqual(written.map((file) => path.basename(file)), ["a_2.webp", "a.webp"]);
    await saveFiles(files, path.join(out, "3"), { extension: "keep" });
    assert.deepEqual(await everything(path.join(out, "3")), ["a.png", "a.webp"]);
  });

  test("says of a wrong pattern which tokens there are", async () => {
    const wrong = saveFiles([made("a.png")], path.join(await newFolder(), "{name}.png"));
    await assert.rejects(wrong, refused("bad_input", /\{name\}.*\{filename\}.*\{src_frame\}/s));
    const outside = saveFiles([made("a.png")], await newFolder(), { pattern: "../#.png" });
    await assert.rejects(outside, refused("bad_input", /steps out of its folder/));
    const one = saveFiles([made("a.png"), made("b.png")], path.join(await newFolder(), "picture.png"));
    await assert.rejects(one, refused("bad_input", /one name for 2 files.*picture\.###\.png/s));
  });

  for (const [code, reason] of [["ENOSPC", /disk is full/], ["EROFS", /read-only/], ["EACCES", /user may not/]]) {
    test(`leaves no half file and says so when the disk says ${code}`, async () => {
      const out = await newFolder();
      const open = fs.open;
      const half = mock.method(fs, "open", async (/** @type {[string, string]} */ ...args) => {
        const handle = await open(...args);
        const append = handle.appendFile.bind(handle);
        handle.appendFile = async (part) => {
          await append(/** @type {Uint8Array} */ (part).subarray(0, 4));
          throw diskError(/** @type {string} */ (code));
        };
        return handle;
      });
      try {
        const saving = saveFiles([made("a.png")], out);
        await assert.rejects(saving, refused("file", new RegExp(`a\\.png: .*${/** @type {RegExp} */ (reason).source}`)));
      } finally {
        half.mock.restore();
      }
      assert.deepEqual(await everything(out), []);
    });
  }

  test("says where a file stands in the place of a folder", async () => {
    const out = await newFolder();
    await fs.writeFile(path.join(out, "file"), "");
    await assert.rejects(saveFiles([made("a.png")], path.join(out, "file")), refused("file", /file/));
  });

  test("saves the other files where one is missing, and reports the missing one", async () => {
    const out = await newFolder();
    const gone = made("gone.png");
    gone.stream = async () => {
      throw new Error("404 for gone.png");
    };
    const files = [gone, ...Array.from({ length: 9 }, (_, number) => made(`${number}.png`))];
    await assert.rejects(saveFiles(files, out), /404 for gone\.png/);
    assert.equal((await everything(out)).length, 9);
  });

  test("tells its progress", async () => {
    /** @type {string[]} */
    const told = [];
    const files = [made("a.png"), made("b.png")];
    await saveFiles(files, await newFolder(), { onProgress: (saved, total) => told.push(`${saved}/${total}`) });
    assert.deepEqual(told, ["1/2", "2/2"]);
  });
});

describe("writeFile", () => {
  test("killed in the middle leaves the old file, or the new one, and never a half", async () => {
    const file = path.join(await newFolder(), "big.bin");
    await fs.writeFile(file, "old");
    const size = 64 << 20;
    const code = `
      import { writeFile } from "comfyui-autoflow/node";
      await writeFile(${JSON.stringify(file)}, new Uint8Array(${size}), { overwrite: true });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: path.dirname(pkg) });
    // As soon as something is written beside the old file.
    const watcher = watch(path.dirname(file), () => child.kill("SIGKILL"));
    await new Promise((resolve) => child.once("close", resolve));
    watcher.close();
    assert.ok([3, size].includes((await fs.stat(file)).size));
  });
});

describe("loadFile", () => {
  const embedded = path.join(root, "tests/metadata");

  test("reads what ComfyUI writes into every kind of file", async () => {
    const names = (await fs.readdir(embedded)).filter((name) => !name.endsWith(".py") && name !== "unicode.png");
    assert.ok(names.length > 15);
    for (const name of names) {
      const api = await loadFile(path.join(embedded, name));
      const inputs = { text: "caf\u00e9 \u56fe", nan: null };
      assert.deepEqual(api.prompt, { 1: { class_type: "Note", inputs } }, name);
    }
  });

  test("reads some kilobytes of a film of five gigabytes", async () => {
    const film = await fs.readFile(path.join(embedded, "save_video.mp4"));
    const movie = film.indexOf("moov") - 4;
    const header = Buffer.alloc(16);
    header.writeUInt32BE(1);
    header.write("mdat", 4);
    const size = 5 * 2 ** 30;
    header.writeBigUInt64BE(BigInt(size), 8);
    const begin = film.subarray(0, film.readUInt32BE(0));
    const big = await fs.open(path.join(await newFolder(), "big.mp4"), "w+");
    await big.write(Buffer.concat([begin, header]), 0, undefined, 0);
    await big.write(film.subarray(movie), 0, undefined, begin.length + size);
    await big.close();
    const before = process.memoryUsage().rss;
    const api = await loadFile(path.join(base, String(folders - 1), "big.mp4"));
    assert.equal(api.prompt[1].class_type, "Note");
    assert.ok(process.memoryUsage().rss - before < 200e6);
  });

  test("says what is wrong with a file", async () => {
    const folder = await newFolder();
    const write = async (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
      await fs.writeFile(path.join(folder, name), content);
      return loadFile(path.join(folder, name));
    };
    await assert.rejects(loadFile(path.join(folder, "no.json")), refused("file", /no\.json: it does not exist/));
    await assert.rejects(write("page.png", "<!doctype html><html>"), refused("bad_input", /HTML/));
    await assert.rejects(write("empty.png", ""), refused("bad_input", /empty file/));
    await assert.rejects(write("cut.json", '{"nodes": ['), refused("bad_input", /not JSON/));
    const picture = await fs.readFile(path.join(embedded, "save_image.png"));
    await assert.rejects(write("cut.png", picture.subarray(0, 50)), refused("bad_input", /PNG is damaged or cut off/));
  });
});

describe("uploadFile", () => {
  /** @type {Awaited<ReturnType<typeof startSimulator>>} */
  let server;
  before(async () => (server = await startSimulator({ stepMs: 0 })));
  after(() => server.close());

  /** @param {import("comfyui-autoflow").Upload} upload */
  async function onServer({ name, subfolder, type }) {
    const query = new URLSearchParams({ filename: name, subfolder, type });
    return new Uint8Array(await (await fetch(`${server.url}/view?${query}`)).arrayBuffer());
  }

  test("sends a file, and a folder with the folders in it", async () => {
    const folder = await newFolder();
    await fs.mkdir(path.join(folder, "deep"));
    await writeFile(path.join(folder, "a.png"), PNG);
    await writeFile(path.join(folder, "deep/b.webp"), WEBP);
    const [single] = await uploadFile(path.join(folder, "a.png"), { serverUrl: server.url, name: "other.png" });
    assert.equal(single.name, "other.png");
    assert.deepEqual(await onServer(single), PNG);

    const uploads = await uploadFile(folder, { serverUrl: server.url, subfolder: "batch" });
    assert.deepEqual(uploads.map((upload) => `${upload.subfolder}/${upload.name}`), ["batch/a.png", "batch/deep/b.webp"]);
    assert.deepEqual(await onServer(uploads[1]), WEBP);
  });

  test("says which file does not exist", async () => {
    const missing = uploadFile(path.join(base, "missing.png"), { serverUrl: server.url });
    await assert.rejects(missing, refused("file", /missing\.png: it does not exist/));
  });
});

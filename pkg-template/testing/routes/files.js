// @ts-check
// `/view` and the uploads.
import { bytes, empty, json } from "../http/response.js";
import { encodeJpeg } from "../images/jpeg.js";
import { loads } from "../python/json.js";
import { decodePng, encodePng, isPng, pngText } from "../images/png.js";
import { withAlpha, withoutAlpha } from "../images/image-operations.js";

const TYPES = /** @type {Record<string, string>} */ ({
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  svg: "image/svg+xml",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  json: "application/json",
  mp4: "video/mp4",
  webm: "video/webm",
  wav: "audio/x-wav",
  flac: "audio/flac",
  mp3: "audio/mpeg",
});

/**
 * @typedef {import("../http/request.js").Request} Request
 * @typedef {import("../simulator.js").Simulator} Simulator
 */

/** @param {Request} request @param {Simulator} sim */
export function getView({ query }, sim) {
  let name = query.get("filename");
  if (name === null) return empty(404);
  let type = query.get("type") ?? "output";
  const annotated = /^(.*) \[(\w+)\]$/s.exec(name);
  if (annotated && sim.files.knows(annotated[2])) [, name, type] = annotated;
  if (name === "" || name.startsWith("/") || name.includes("..") || !sim.files.knows(type)) return empty(400);
  const subfolder = query.get("subfolder") ?? "";
  if (sim.files.path(subfolder, "") === null) return empty(403);
  const file = sim.files.read(type, subfolder, name.slice(name.lastIndexOf("/") + 1));
  if (!file) return empty(404);

  const disposition = { "Content-Disposition": `filename="${name.replace(/["\\]/g, "\\$&")}"` };
  const channel = query.get("channel") ?? "";
  if (isPng(file) && query.get("preview")?.startsWith("jpeg") && !channel.includes("a")) {
    return bytes(encodeJpeg(decodePng(file)), "image/jpeg", disposition);
  }
  // WebP previews are not implemented: such a preview stays a PNG.
  if (isPng(file) && (channel === "rgb" || channel === "a")) {
    const picture = decodePng(file);
    const wanted = channel === "rgb" ? withoutAlpha(picture) : withAlpha({ ...picture, data: blank(picture) }, picture);
    return bytes(encodePng(wanted), "image/png", disposition);
  }
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return bytes(file, TYPES[extension] ?? "application/octet-stream", disposition);
}

/** @param {import("../images/png.js").Picture} picture */
function blank(picture) {
  return new Uint8Array(picture.data.length);
}

/** @param {Request} request @param {Simulator} sim */
export function uploadImage(request, sim) {
  return upload(request.form(), sim, (image) => image);
}

/** @param {Request} request @param {Simulator} sim */
export function uploadMask(request, sim) {
  const form = request.form();
  const reference = loads(form.get("original_ref")?.bytes.toString("utf8") ?? "");
  const name = reference.get("filename");
  if (!name || name.startsWith("/") || name.includes("..")) return empty(400);
  const type = reference.get("type") ?? "output";
  if (!sim.files.knows(type)) return empty(400);
  const original = sim.files.read(type, reference.get("subfolder") ?? "", name);
  return upload(form, sim, (mask) => {
    if (!original) return null;
    return encodePng(withAlpha(decodePng(original), decodePng(mask)), { text: pngText(original) });
  });
}

/**
 * @param {ReturnType<Request["form"]>} form @param {Simulator} sim
 * @param {(image: Buffer) => Buffer | null} process maps the uploaded bytes to the written ones; null writes nothing
 */
function upload(form, sim, process) {
  const image = form.get("image");
  if (!image?.filename) return empty(400);
  const text = (/** @type {string} */ field) => form.get(field)?.bytes.toString("utf8");
  const type = text("type") ?? "input";
  const subfolder = text("subfolder") ?? "";
  if (!sim.files.knows(type)) return empty(400);
  let name = image.filename;
  if (sim.files.path(subfolder, name) === null) return empty(400);
  const dot = name.lastIndexOf(".") < 1 ? name.length : name.lastIndexOf(".");
  const overwrite = ["true", "1"].includes(text("overwrite") ?? "");
  for (let count = 1; !overwrite; count += 1) {
    const existing = sim.files.read(type, subfolder, name);
    // Identical bytes under the same name are stored once.
    if (!existing || existing.equals(image.bytes)) break;
    name = `${image.filename.slice(0, dot)} (${count})${image.filename.slice(dot)}`;
  }
  const written = process(image.bytes);
  if (written) sim.files.write(type, subfolder, name, written);
  return json({ name, subfolder, type });
}

// @ts-check
// The picture that was clicked on. It is read in its own page, which the click gives access to: no permission for any
// other site is needed.

/**
 * @param {string} url
 * @param {{ tabId: number, frameId?: number }} place
 * @returns {Promise<Blob>}
 */
export async function readPicture(url, { tabId, frameId = 0 }) {
  const data = url.startsWith("data:") ? url : await readInPage(url, tabId, frameId);
  if (data) return (await fetch(data)).blob();
  // Of another site than the page: many let everybody read.
  const response = await fetch(url).catch(() => undefined);
  if (response?.ok) return response.blob();
  throw new Error(
    "This picture comes from a site that lets neither its page nor this extension read it. Open it in a tab of its own " +
      "(\"Open image in new tab\") and try there.",
  );
}

/** @param {string} url @param {number} tabId @param {number} frameId */
async function readInPage(url, tabId, frameId) {
  try {
    const target = { tabId, frameIds: [frameId] };
    const [{ result }] = await chrome.scripting.executeScript({ target, func: dataUrlOf, args: [url] });
    return result ?? undefined;
  } catch {
    // Pages of the browser itself take no scripts.
    return undefined;
  }
}

/** Runs in the page, without anything of this module around it. @param {string} url */
async function dataUrlOf(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) return null;
    const blob = await response.blob();
    return await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(/** @type {string} */ (reader.result));
      reader.onerror = () => resolve(null);
      reader.readAsDataURL(blob);
    });
  } catch {
    return null;
  }
}

/** A name for it on the server. @param {string} url @param {string} type */
export function nameOf(url, type) {
  const extension = type.split("/")[1]?.replace(/\+.*/, "").replace("jpeg", "jpg") || "png";
  const last = url.startsWith("data:") ? "" : (new URL(url).pathname.split("/").pop() ?? "");
  const stem = decode(last).replace(/\.\w+$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60);
  return `${stem || "picture"}.${extension}`;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

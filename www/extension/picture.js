// @ts-check
// Reads the clicked picture in its own page, to which the click grants access; other sites need no permission.

/**
 * @param {string} url
 * @param {{ tabId: number, frameId?: number }} place
 * @returns {Promise<Blob>}
 */
export async function readPicture(url, { tabId, frameId = 0 }) {
  const data = url.startsWith("data:") ? url : await readInPage(url, tabId, frameId);
  if (data) return (await fetch(data)).blob();
  // A picture of another site: many allow cross-origin reads.
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
    // Scripts cannot run in pages of the browser.
    return undefined;
  }
}

/** Runs in the page; must not use anything of this module. @param {string} url */
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

/** File name for the upload. @param {string} url @param {string} type */
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

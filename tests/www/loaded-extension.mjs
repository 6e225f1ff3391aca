// @ts-check
// The built extension in a real Chromium, with the access that a click on "Allow" gives.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildExtension, extension } from "../../scripts/page.mjs";
import { launchWithExtension } from "../browser/chromium.mjs";

/**
 * @param {string[]} origins what the user has allowed
 */
export async function loadExtension(origins) {
  await buildExtension();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "through-comfyui-"));
  const folder = path.join(home, "extension");
  fs.cpSync(extension, folder, { recursive: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "manifest.json"), "utf8"));
  // Nobody can click on the browser's own question here.
  fs.writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ ...manifest, host_permissions: origins }));
  const context = await launchWithExtension(folder, path.join(home, "profile"));
  /** The first one: Playwright knows nothing of those that are started after it. */
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const base = new URL("/", worker.url()).href.replace(/\/$/, "");
  // It opens by itself after the installation, in the tab that is there.
  const [page] = context.pages();
  await page.waitForURL(`${base}/options.html`);

  return {
    context,
    base,
    /** Its options. */
    page,
    worker,
    /** Starts a service worker where there is none, as any message does. */
    wake: () => page.evaluate(() => chrome.runtime.sendMessage({ to: "nobody" }).catch(() => undefined)),
    /** @param {string} serverUrl @param {Record<string, any>} prompt @param {string} node */
    setUp: (serverUrl, prompt, node) =>
      page.evaluate(
        ([serverUrl, prompt, node]) =>
          chrome.storage.local.set({
            settings: { serverUrl, apiKey: "", idleTimeoutS: 5 },
            workflow: { name: "test", prompt, workflow: null, node, input: "image" },
          }),
        /** @type {const} */ ([serverUrl, prompt, node]),
      ),
    /** Ends the service worker as the browser does; resolves when it has stopped. */
    async endWorker() {
      const session = await context.newCDPSession(page);
      const stopped = new Promise((resolve) => {
        session.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
          if (versions.some(({ runningStatus }) => runningStatus === "stopped")) resolve(undefined);
        });
      });
      await session.send("ServiceWorker.enable");
      const { targetInfos } = await session.send("Target.getTargets");
      const target = targetInfos.find(({ type, url }) => type === "service_worker" && url.startsWith(base));
      // `ServiceWorker.stopAllWorkers` leaves one that a debugger is attached to.
      await session.send("Target.closeTarget", { targetId: target?.targetId ?? "" });
      await stopped;
      await session.detach();
    },
    /** As a right-click on a picture and the menu's entry do. @param {string} url @param {string} [pageUrl] */
    async send(url, pageUrl = `${base}/options.html`) {
      await worker.evaluate(
        async ([srcUrl, pageUrl]) => {
          // Not `query({ url })`: that wants access to the page.
          const tabs = await chrome.tabs.query({});
          const tab = tabs.find((tab) => tab.url === pageUrl) ?? tabs[0];
          const click = { menuItemId: "through-comfyui", srcUrl, frameId: 0 };
          /** @type {any} */ (chrome.contextMenus.onClicked).dispatch(click, tab);
        },
        [url, pageUrl],
      );
    },
    /** @returns {Promise<import("../../www/extension/stored.js").Job[]>} */
    jobs() {
      return page.evaluate(async () => {
        /** @type {Record<string, any>} */
        const all = await chrome.storage.session.get(null);
        return Object.keys(all).filter((key) => key.startsWith("job:")).map((key) => all[key]);
      });
    },
    async close() {
      await context.close();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

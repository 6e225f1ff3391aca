// @ts-check
// The programs that npm does not bring: Rust's wasm target, wasm-pack, wasm-bindgen, browsers.
import fs from "node:fs";
import path from "node:path";
import { locked } from "./lock.mjs";
import { tools } from "./paths.mjs";
import { run, say, step } from "./run.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";

/** wasm-bindgen's command line must be of exactly the version of the crate in Cargo.toml. */
const CARGO_TOOLS = [
  { crate: "wasm-bindgen-cli", version: "0.2.130", program: "wasm-bindgen" },
  { crate: "wasm-pack", version: "0.15.1", program: "wasm-pack" },
];

/**
 * @typedef {object} Browser
 * @property {string} title
 * @property {string} variable of the environment, which names one
 * @property {string[]} names on the PATH
 * @property {string[]} places where systems without a PATH for it put it
 * @property {string[]} debian the names of its packages
 */

/** @type {Browser} */
const CHROMIUM = {
  title: "Chromium",
  variable: "CHROMIUM",
  names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
  places: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ],
  debian: ["chromium"],
};

/** @type {Browser} */
const FIREFOX = {
  title: "Firefox",
  variable: "FIREFOX",
  names: ["firefox", "firefox-esr"],
  places: ["/Applications/Firefox.app/Contents/MacOS/firefox", "C:\\Program Files\\Mozilla Firefox\\firefox.exe"],
  debian: ["firefox-esr"],
};

/** The engine of Safari. Its driver starts it, and needs a display: a virtual one. @type {Browser} */
const WEBKIT = {
  title: "WebKit's WebKitWebDriver",
  variable: "WEBKIT_DRIVER",
  names: ["WebKitWebDriver"],
  places: [],
  debian: ["webkit2gtk-driver", "xvfb", "xauth"],
};

const exe = process.platform === "win32" ? ".exe" : "";

/** Makes sure that Rust can build for the host and for wasm. */
export async function rust() {
  const libraries = await run("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (libraries.code === 127) throw new Error("Rust is missing. Install it from https://rustup.rs and try again.");
  if (libraries.code === 0 && fs.existsSync(libraries.stdout.trim())) return;
  await step(`Adding Rust's ${WASM_TARGET} target`, "rustup", ["target", "add", WASM_TARGET]);
}

/** rustup's minimal profile comes without them. */
export async function rustLints() {
  for (const component of ["rustfmt", "clippy"]) {
    const program = component === "clippy" ? "cargo-clippy" : "rustfmt";
    if ((await run(program, ["--version"])).code === 0) continue;
    await step(`Adding ${component}`, "rustup", ["component", "add", component]);
  }
}

/**
 * Builds the tools that come from crates.io, once a machine and version.
 *
 * @returns {Promise<string[]>} the folders to put on the PATH
 */
export async function cargoTools() {
  const folders = [];
  for (const { crate, version, program } of CARGO_TOOLS) {
    const home = path.join(tools, `${crate}-${version}`);
    const built = () => fs.existsSync(path.join(home, "bin", program + exe));
    if (!built()) {
      await locked(`${home}.lock`, async () => {
        if (!built()) await cargoInstall(crate, version, home);
      });
    }
    folders.push(path.join(home, "bin"));
  }
  return folders;
}

/**
 * Installs beside `home` and renames at the end, so that `home` is whole or absent.
 *
 * @param {string} crate
 * @param {string} version
 * @param {string} home
 */
async function cargoInstall(crate, version, home) {
  const partial = `${home}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  const env = { ...process.env, CARGO_TARGET_DIR: path.join(partial, "target") };
  const args = ["install", crate, "--version", version, "--root", partial];
  const what = `Building ${crate} ${version} (once on this machine, about two minutes)`;
  try {
    await step(what, "cargo", [...args, "--locked"], { env });
  } catch {
    // Its lock file can name versions that a mirror of the registry does not have yet.
    say(`  not with the dependencies that ${crate} names; trying with the newest that fit`);
    await step(what, "cargo", args, { env });
  }
  fs.rmSync(path.join(partial, "target"), { recursive: true, force: true });
  fs.renameSync(partial, home);
}

/** For the tests in a page. */
export const chromium = () => browser(CHROMIUM);

/** For the matrix of environments. */
export const firefox = () => browser(FIREFOX);

/** For the matrix of environments. */
export const webkit = () => browser(WEBKIT);

/**
 * Finds a browser, and installs it where that needs no password.
 *
 * @param {Browser} wanted
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
async function browser(wanted) {
  const { title, variable, debian } = wanted;
  const found = findBrowser(wanted);
  if (found) return { path: found };
  if (!onPath("apt-get") || process.getuid?.() !== 0) {
    return { missing: `no ${title}: install it, or name one in the environment variable ${variable}` };
  }
  // One lock for all: apt-get works for one at a time.
  return locked(path.join(tools, "browser.lock"), async () => {
    const late = findBrowser(wanted);
    if (late) return { path: late };
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    try {
      await step("Reading the list of Debian packages", "apt-get", ["update"], { env });
      const args = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600", ...debian];
      await step(`Installing ${title} for the tests`, "apt-get", args, { env });
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
    const installed = findBrowser(wanted);
    return installed ? { path: installed } : { missing: `no ${title}, and it could not be installed` };
  });
}

/** @param {Browser} wanted */
function findBrowser({ variable, names, places }) {
  const named = process.env[variable];
  if (named) {
    if (fs.existsSync(named)) return named;
    throw new Error(`${variable} names ${named}, which does not exist.`);
  }
  return names.map(onPath).find(Boolean) ?? places.find((place) => fs.existsSync(place));
}

/** @param {string} program */
function onPath(program) {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, program + exe)).find((file) => fs.existsSync(file));
}

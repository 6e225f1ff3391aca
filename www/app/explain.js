// @ts-check
// Explains errors to the user: what failed and what to do.
import { ComfyError } from "comfyui-autoflow";
import { byPack, isSubgraph, unknownTypesOf } from "./unknown-types.js";

/**
 * @typedef {object} Explanation
 * @property {string} title
 * @property {string} text
 * @property {string[]} [steps]
 * @property {string} [command] to be copied
 * @property {{ node: string, text: string }[]} [nodes] what is wrong with which node
 * @property {{ pack: string | null, types: { type: string, nodes: string[] }[] }[]} [packs] unknown node types by pack
 * @property {string} [details] for those who want all of it
 * @property {boolean} [settings] whether the settings are where it is put right
 */

/**
 * @param {unknown} error
 * @param {string} serverUrl
 * @param {{ origin: string, protocol: string, hostname: string }} [page]
 * @returns {Explanation}
 */
export function explain(error, serverUrl, page = location) {
  if (!(error instanceof ComfyError)) {
    return { title: "Something went wrong", text: error instanceof Error ? error.message : String(error) };
  }
  const text = error.message;
  switch (error.code) {
    case "forbidden_origin":
      return {
        title: "ComfyUI does not let this page in",
        text:
          `It runs and answers, but takes requests from its own address only (403). This page comes from ${page.origin}. ` +
          "Start ComfyUI again with this flag, then try again:",
        command: `python main.py --enable-cors-header ${page.origin}`,
        steps: ["Or use the browser extension of this project: it reaches a ComfyUI that was started without any flag."],
        settings: true,
      };
    case "network":
      return unreachable(text, serverUrl, page);
    case "unauthorized":
      return { title: "The server wants a key", text, steps: ["Put a valid key into the settings."], settings: true };
    case "no_server":
      return { title: "No server is named", text, settings: true };
    case "http":
      return { title: "This does not answer like ComfyUI", text, settings: true };
    case "invalid_prompt":
      return { title: "The server refuses this workflow", text, nodes: complaints(error) };
    case "conversion": {
      const unknown = unknownTypesOf(error);
      if (unknown.length) return explainUnknown(unknown);
      return {
        title: "This workflow cannot be converted",
        text,
        steps: ["Its node types must be installed on the server: what they take is read from there."],
      };
    }
    case "bad_input":
      return { title: "There is no workflow in this", text };
    case "execution_error": {
      const data = error.event?.type === "error" ? error.event.data : undefined;
      const node = error.nodeId ?? "";
      return {
        title: "A node failed",
        text: data?.exception_message?.trim() || text,
        nodes: node ? [{ node, text: data?.exception_type ?? error.nodeType ?? "" }] : [],
        details: data?.traceback?.join(""),
      };
    }
    case "vanished":
      return { title: "The server knows nothing of this run any more", text };
    case "interrupted":
      return { title: "The run was interrupted", text };
    default:
      return { title: "The run failed", text };
  }
}

/** @param {import("./unknown-types.js").UnknownType[]} types @returns {Explanation} */
function explainUnknown(types) {
  const subgraphs = types.filter(isSubgraph).length;
  const one = types.length === 1;
  const install = `Install ${one ? "its pack" : "these packs"} on the server, restart it, and open the workflow again.`;
  const save = "The file lacks definitions of subgraphs: save it again in the editor.";
  const what = subgraphs === types.length ? [save] : subgraphs ? [install, save] : [install];
  return {
    title: subgraphs === types.length ? "Subgraphs are missing" : one ? "The server lacks a node type" : `The server lacks ${types.length} node types`,
    text: [...what, "The graph marks the nodes."].join(" "),
    packs: byPack(types),
    settings: true,
  };
}

/** What a server refused of a prompt whose rest it ran. @param {import("comfyui-autoflow").NodeErrors} nodeErrors @returns {Explanation} */
export function explainRefusal(nodeErrors) {
  const outputs = new Set(Object.values(nodeErrors).flatMap(({ dependent_outputs }) => dependent_outputs ?? []));
  return {
    title: "The server refused a part of this workflow",
    text: `${outputs.size === 1 ? "One output" : `${outputs.size} outputs`} did not run. The rest did.`,
    nodes: complaints({ nodeErrors }),
  };
}

/**
 * Browsers report all of these failures alike. The two addresses show which one it is.
 *
 * @param {string} text @param {string} serverUrl @param {{ origin: string, protocol: string, hostname: string }} page
 * @returns {Explanation}
 */
function unreachable(text, serverUrl, page) {
  const server = parse(serverUrl);
  if (!server) return { title: "This is not an address", text, settings: true };
  const local = isLoopback(server.hostname);
  if (page.protocol === "https:" && server.protocol === "http:" && !local) {
    return {
      title: "An https page may not call an http server",
      text: `Browsers block this as mixed content: the page is ${page.origin}, the server ${server.origin}.`,
      steps: [
        "Put ComfyUI behind https, for instance with a reverse proxy, and name that address here;",
        "or open this page over http.",
      ],
      settings: true,
    };
  }
  if (isPrivate(server.hostname) && !isPrivate(page.hostname)) {
    return {
      title: "The browser keeps this page from your own network",
      text: `${page.origin} is a public page and ${server.hostname} belongs to your machine or network.`,
      steps: [
        "When the browser asks whether this site may reach devices on your local network, allow it.",
        'If you refused before: the icon left of the address, "Site settings", "Local network access", Allow.',
        "Then start ComfyUI with the flag below, and try again.",
      ],
      command: `python main.py --enable-cors-header ${page.origin}`,
      settings: true,
    };
  }
  return {
    title: "Nothing answers at this address",
    text,
    steps: [
      `Is ComfyUI running at ${serverUrl}? It prints its address when it starts.`,
      ...(local ? [] : ["Was it started with --listen? Without it only its own machine reaches it."]),
      "Is another address right? Change it in the settings.",
    ],
    command: local
      ? `python main.py --port ${server.port || "8188"} --enable-cors-header ${page.origin}`
      : `python main.py --listen --port ${server.port || "8188"} --enable-cors-header ${page.origin}`,
    settings: true,
  };
}

/** @param {{ nodeErrors?: import("comfyui-autoflow").NodeErrors | null }} error */
function complaints({ nodeErrors }) {
  return Object.entries(nodeErrors ?? {}).flatMap(([node, { errors }]) =>
    (errors ?? []).map(({ message, details }) => ({ node, text: [message, details].filter(Boolean).join(": ") })),
  );
}

/** @param {string} url */
function parse(url) {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** @param {string} host */
export function isLoopback(host) {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127\./.test(host);
}

/** @param {string} host */
export function isPrivate(host) {
  return isLoopback(host) || /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\./.test(host) || host.endsWith(".local");
}

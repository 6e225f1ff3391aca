// @ts-check
// TypeScript declarations of the node classes of a server, out of its object info.
import { ComfyError } from "../comfy-error.js";

/** Longer lists of choices are names of files, which change. */
const MOST_CHOICES = 400;

/** What a value of a type is where it is no link. @type {Record<string, string>} */
const VALUES = { INT: "number", FLOAT: "number", STRING: "string", BOOLEAN: "boolean", NUMBER: "number" };

/**
 * @param {string} text JSON of `/object_info`
 * @param {string} source for messages
 * @returns {{ text: string, count: number }}
 */
export function declarations(text, source) {
  const classes = parsed(text, source);
  const choices = new Choices();
  const nodes = Object.entries(classes).map(([name, info]) => declaration(name, info, choices));
  const parts = [
    "// Node classes of a ComfyUI server, written by `npx comfyui-autoflow types`.",
    'import type { Link } from "comfyui-autoflow";',
    "",
    ...choices.declarations(),
    "/** The inputs of each node class: `ApiFlow<Nodes>`. */",
    "export interface Nodes {",
    ...nodes,
    "}",
    "",
  ];
  return { text: parts.join("\n"), count: nodes.length };
}

/** @param {string} text @param {string} source @returns {Record<string, any>} */
function parsed(text, source) {
  /** @type {any} */
  let classes;
  try {
    // Python writes numbers that JSON does not have.
    classes = JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\b(?:NaN|-?Infinity)\b/g, (_, string) => string ?? "null"));
  } catch (cause) {
    throw new ComfyError("bad_input", `The object info of ${source} is no JSON.`, { cause });
  }
  const isInfo = typeof classes === "object" && classes !== null && Object.values(classes).some((info) => info?.input);
  if (!isInfo) throw new ComfyError("bad_input", `What ${source} has is no object info: it has no node classes.`);
  return classes;
}

/** Unions of choices. Those that several inputs have are declared once. */
class Choices {
  /** @type {Map<string, { name: string, uses: number }>} */
  #unions = new Map();

  /** @param {unknown[]} list @returns {string} */
  of(list) {
    const literals = [...new Set(list)].map((choice) =>
      ["string", "number", "boolean"].includes(typeof choice) ? JSON.stringify(choice) : "unknown",
    );
    if (literals.length === 0 || literals.length > MOST_CHOICES) return "string";
    const union = literals.join(" | ");
    if (literals.length < 4) return union;
    const known = this.#unions.get(union) ?? { name: `Choices${this.#unions.size + 1}`, uses: 0 };
    known.uses += 1;
    this.#unions.set(union, known);
    return known.name;
  }

  declarations() {
    const lines = [...this.#unions].map(([union, { name }]) => `type ${name} = ${union};`);
    return lines.length ? [...lines, ""] : [];
  }
}

/**
 * @param {string} name
 * @param {any} info
 * @param {Choices} choices
 */
function declaration(name, info, choices) {
  const { required, optional } = Object(info?.input);
  const lines = [];
  let isDynamic = false;
  for (const [inputs, mark] of [
    [required, ""],
    [optional, "?"],
  ]) {
    for (const [input, spec] of Object.entries(Object(inputs))) {
      const [kind, settings] = Array.isArray(spec) ? spec : [spec];
      // Their inputs have names that are made while the graph is edited: `model.a`.
      isDynamic ||= typeof kind === "string" && /^COMFY_(DYNAMIC|AUTOGROW)/.test(kind);
      if (mark && Object.hasOwn(Object(required), input)) continue;
      lines.push(`    ${key(input)}${mark}: ${typeOf(kind, settings, choices)};`);
    }
  }
  if (isDynamic) lines.push("    [input: `${string}.${string}`]: unknown;");
  return [`  ${key(name)}: {`, ...lines, "  };"].join("\n");
}

/**
 * @param {unknown} kind
 * @param {any} settings
 * @param {Choices} choices
 * @returns {string}
 */
function typeOf(kind, settings, choices) {
  const offered = Array.isArray(kind) ? kind : kind === "COMBO" ? (settings?.options ?? []) : undefined;
  if (offered) {
    const union = Array.isArray(offered) ? choices.of(offered) : "string";
    // Of a list of which several may be chosen.
    return settings?.multiselect || settings?.multi_select ? `(${union})[] | Link` : `${union} | Link`;
  }
  if (typeof kind !== "string") return "unknown";
  const kinds = kind.split(",");
  const values = kinds.map((kind) => VALUES[kind]).filter(Boolean);
  if (values.length === kinds.length) return `${[...new Set(values)].join(" | ")} | Link`;
  // Custom widget types have values; other types come only by links.
  const hasValue = values.length > 0 || kind.includes("*") || kind.startsWith("COMFY_") || settings?.default !== undefined;
  return hasValue ? "unknown" : "Link";
}

/** @param {string} name */
function key(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

// @ts-check
// `repr`, `str`, `int`, `float` and `bool` of Python, for the texts of validation errors.
import { Float, dumps } from "./json.js";

/** @param {any} value @returns {string} */
export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value
      .replaceAll("\\", "\\\\")
      .replaceAll("\n", "\\n")
      .replaceAll("\t", "\\t")
      .replaceAll("\r", "\\r");
    return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
  }
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, member]) => `${repr(key)}: ${repr(member)}`).join(", ")}}`;
  return dumps(value);
}

/** @param {any} value */
export function str(value) {
  return typeof value === "string" ? value : repr(value);
}

/** @param {any} value */
function typeName(value) {
  if (value === null || value === undefined) return "NoneType";
  if (value instanceof Map) return "dict";
  return Array.isArray(value) ? "list" : typeof value;
}

const INTEGER = /^\s*[-+]?\d+(_\d+)*\s*$/;
const FLOAT = /^\s*[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/;

/** @param {any} value @throws {Error} with Python's message */
export function int(value) {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" || value instanceof Float) {
    const number = Number(value);
    if (Number.isNaN(number)) throw new Error("cannot convert float NaN to integer");
    if (!Number.isFinite(number)) throw new Error("cannot convert float infinity to integer");
    return Math.trunc(number);
  }
  if (typeof value === "string") {
    if (!INTEGER.test(value)) throw new Error(`invalid literal for int() with base 10: ${repr(value)}`);
    const big = BigInt(value.trim().replaceAll("_", "").replace(/^\+/, ""));
    return Number.isSafeInteger(Number(big)) ? Number(big) : big;
  }
  throw new Error(`int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
}

/** @param {any} value @throws {Error} with Python's message */
export function float(value) {
  if (typeof value === "string") {
    if (!FLOAT.test(value)) throw new Error(`could not convert string to float: ${repr(value)}`);
    value = Number(value.trim().replaceAll("_", ""));
  } else if (typeof value === "boolean") value = value ? 1 : 0;
  else if (value === null || Array.isArray(value) || value instanceof Map || value === undefined) {
    throw new Error(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const number = Number(value);
  return Number.isInteger(number) ? new Float(number) : number;
}

/** @param {any} value */
export function bool(value) {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value instanceof Float ? value.value : value);
}

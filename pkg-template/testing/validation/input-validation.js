// @ts-check
// Validation of one input value: conversion as in Python, bounds, choices.
import { bool, float, int, repr, str } from "../python/values.js";

/** @typedef {import("./prompt-validation.js").Problem} Problem */

/**
 * @param {string} name @param {any} config @param {Map<string, any>} inputs
 * @param {import("../nodes/index.js").NodeDefinition} definition @param {any} sim
 * @returns {Problem | null}
 */
export function validateValue(name, config, inputs, definition, sim) {
  const [type, options = {}] = config;
  let value = inputs.get(name);
  const info = { input_name: name, input_config: [type, options] };
  if (value instanceof Map && value.has("__value__")) value = value.get("__value__");
  try {
    if (type === "INT") value = int(value);
    else if (type === "FLOAT") value = float(value);
    else if (type === "STRING") value = str(value);
    else if (type === "BOOLEAN") value = bool(value);
    inputs.set(name, value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      type: "invalid_input_type",
      message: `Failed to convert an input value to a ${type} value`,
      details: `${name}, ${str(value)}, ${message}`,
      extra_info: { ...info, received_value: value, exception_message: message },
    };
  }
  // As with ComfyUI's VALIDATE_INPUTS, a node's own check of an input replaces the general ones.
  const own = definition.validate?.[name];
  if (own) {
    const verdict = own(value, sim);
    if (verdict === true) return null;
    return {
      type: "custom_validation_failed",
      message: "Custom validation failed for node",
      details: `${name} - ${verdict}`,
      extra_info: { input_name: name },
    };
  }
  for (const [bound, type, wrong, word] of /** @type {const} */ ([
    ["min", "value_smaller_than_min", value < options.min, "smaller than min"],
    ["max", "value_bigger_than_max", value > options.max, "bigger than max"],
  ])) {
    if (!(bound in options) || !wrong) continue;
    return {
      type,
      message: `Value ${str(value)} ${word} of ${str(options[bound])}`,
      details: name,
      extra_info: { ...info, received_value: value },
    };
  }
  const choices = Array.isArray(type) ? type : type === "COMBO" ? (options.options ?? []) : null;
  if (!choices || choices.includes(value)) return null;
  const long = choices.length > 20;
  return {
    type: "value_not_in_list",
    message: "Value not in list",
    details: `${name}: ${repr(value)} not in ${long ? `(list of length ${choices.length})` : repr(choices)}`,
    extra_info: { input_name: name, input_config: long ? null : info.input_config, received_value: value },
  };
}

// @ts-check
// Answers of a server as lists for people. Servers and versions differ, so one unreadable entry does not hide the
// others.
import { nearestName } from "./client.js";
import { ComfyError } from "./comfy-error.js";

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {string} base */
function malformed(base) {
  const hint = { option: "serverUrl", advice: "check_address" };
  return new ComfyError("http", `${base} does not answer like ComfyUI.`, { hint }, "Check the address and its path.");
}

/**
 * `GET /queue`: entries are `[number, prompt_id, prompt, extra_data, outputs]`.
 *
 * @param {any} answer
 * @param {string} base
 */
export function queueList(answer, base) {
  const { queue_running: running, queue_pending: pending } = Object(answer);
  if (!Array.isArray(running) || !Array.isArray(pending)) throw malformed(base);
  const isEntry = (/** @type {unknown} */ entry) => Array.isArray(entry) && entry.length > 1;
  // The server's list is a heap: the order is that of the numbers.
  const waiting = pending.filter(isEntry).sort((a, b) => a[0] - b[0]);
  return {
    running: running.filter(isEntry).map((entry) => queued(entry, 0)),
    pending: waiting.map((entry, place) => queued(entry, place + 1)),
  };
}

/** @param {any[]} entry @param {number} position */
function queued([number, promptId, prompt, extra], position) {
  return {
    promptId: String(promptId),
    number: typeof number === "number" ? number : null,
    position,
    clientId: typeof extra?.client_id === "string" ? extra.client_id : null,
    prompt: isObject(prompt) ? prompt : null,
  };
}

const ENDS = ["execution_success", "execution_error", "execution_interrupted"];

/**
 * `GET /history`: the runs, the newest first.
 *
 * @param {any} answer
 * @param {string} base
 * @param {number} offset
 * @param {number} limit
 * @param {(outputs: object, prompt: string) => any[]} files
 */
export function pastRuns(answer, base, offset, limit, files) {
  if (!isObject(answer)) throw malformed(base);
  const runs = Object.entries(answer).reverse().filter(([, item]) => isObject(item));
  return runs.slice(offset, offset + limit).map(([promptId, item]) => pastRun(promptId, item, files));
}

/**
 * @param {string} promptId
 * @param {any} item
 * @param {(outputs: object, prompt: string) => any[]} list
 */
function pastRun(promptId, { prompt: entry, outputs: shown, status }, list) {
  const [number, , nodes] = Array.isArray(entry) ? entry : [];
  const prompt = isObject(nodes) ? nodes : null;
  const outputs = isObject(shown) ? shown : {};
  /** @type {[string, any][]} */
  const messages = Array.isArray(status?.messages) ? status.messages.filter(Array.isArray) : [];
  const dataOf = (/** @type {string} */ type) => messages.findLast(([name]) => name === type)?.[1];
  const at = (/** @type {any} */ data) => (typeof data?.timestamp === "number" ? data.timestamp / 1000 : null);
  const interrupted = dataOf("execution_interrupted");
  const isError = status?.status_str === "error";
  return {
    promptId,
    number: typeof number === "number" ? number : null,
    status: !isError ? "completed" : interrupted ? "interrupted" : "error",
    startedAt: at(dataOf("execution_start")),
    endedAt: at(messages.findLast(([name]) => ENDS.includes(name))?.[1]),
    // Listed when they are asked for: a history may be long.
    get files() {
      const found = list(outputs, JSON.stringify(prompt) ?? "");
      Object.defineProperty(this, "files", { value: found, enumerable: true });
      return found;
    },
    outputs,
    prompt,
    failure: (isError && trimmed(interrupted ?? dataOf("execution_error"))) || null,
  };
}

/** ComfyUI ends the text of an exception with a line break. @param {any} failure */
function trimmed(failure) {
  const said = failure?.exception_message;
  return typeof said === "string" ? { ...failure, exception_message: said.trimEnd() } : failure;
}

/**
 * `GET /object_info/{class}`: what an input offers. Both forms, `[[…], {…}]` and `["COMBO", {"options": […]}]`.
 *
 * @param {any} answer
 * @param {string} base
 * @param {string} type
 * @param {string} name
 * @returns {any[]}
 */
export function choicesOf(answer, base, type, name) {
  if (!isObject(answer)) throw malformed(base);
  if (!Object.hasOwn(answer, type)) {
    throw new ComfyError("bad_input", `${base} has no node class ${type}.`, { hint: { advice: "install_node_pack" } });
  }
  const { required, optional } = Object(answer[type]?.input);
  /** @type {Record<string, any>} */
  const inputs = { ...optional, ...required };
  const hint = { advice: "correct_input" };
  if (!Object.hasOwn(inputs, name)) {
    const names = Object.keys({ ...required, ...optional });
    const meant = nearestName(name, names);
    const advice = `${meant ? `Did you mean ${meant}? ` : ""}It has ${names.join(", ")}.`;
    throw new ComfyError("bad_input", `${type} has no input ${name}.`, { hint }, advice);
  }
  const [kind, settings] = Array.isArray(inputs[name]) ? inputs[name] : [];
  if (Array.isArray(kind)) return kind;
  // Without options its choices come from another route.
  if (kind === "COMBO") return Array.isArray(settings?.options) ? settings.options : [];
  throw new ComfyError("bad_input", `The input ${name} of ${type} offers no choices: it is of type ${kind}.`, { hint });
}

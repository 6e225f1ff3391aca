// @ts-check
// What scenarios want of every run: its events, recorded, and the rules that hold for each of them.
import { equal, ok } from "./harness.mjs";

/** @typedef {import("comfyui-autoflow").ComfyEvent} ComfyEvent */

/** Short times, for scenarios in which a socket is silent. */
export const SOON = { idleTimeoutMs: 100, pollIntervalMs: 30 };

/** Whether this is a page and not Node. */
export const IN_A_PAGE = "document" in globalThis;

const TERMINAL = ["completed", "error", "interrupted"];

/**
 * Records events as a callback, and lets a scenario wait for one.
 *
 * @returns the callback, with what it has heard
 */
export function recorder() {
  /** @type {ComfyEvent[]} */
  const events = [];
  /** @type {{ is: (event: ComfyEvent) => boolean, resolve: (event: ComfyEvent) => void }[]} */
  const waiting = [];
  const onEvent = (/** @type {ComfyEvent} */ event) => {
    events.push(event);
    for (const one of waiting.filter(({ is }) => is(event))) {
      waiting.splice(waiting.indexOf(one), 1);
      one.resolve(event);
    }
  };
  return Object.assign(onEvent, {
    events,
    /** The types heard, or those among them that are named. @param {string[]} names */
    types: (...names) => events.map((event) => event.type).filter((type) => !names.length || names.includes(type)),
    /** The events of a type. @param {string} type @returns {any[]} */
    of: (type) => events.filter((event) => event.type === type),
    /**
     * Waits until an event of this type comes, or one that a function picks; one that has come already counts.
     *
     * @param {string | ((event: any) => boolean)} which
     * @returns {Promise<any>}
     */
    heard(which) {
      const is = typeof which === "function" ? which : (/** @type {ComfyEvent} */ event) => event.type === which;
      const found = events.find(is);
      return found ? Promise.resolve(found) : new Promise((resolve) => waiting.push({ is, resolve }));
    },
    /** The last event, after checking all of them. @returns {any} */
    end: () => checkRun(events),
  });
}

/**
 * What holds for the events of every run that was followed to its end.
 *
 * @param {ComfyEvent[]} events
 * @returns {any} the terminal one
 */
export function checkRun(events) {
  const types = events.map((event) => event.type);
  const end = events[events.length - 1];
  equal(types.filter((type) => TERMINAL.includes(type)).length, 1, `one terminal event, among ${types}`);
  ok(TERMINAL.includes(end.type), `the terminal event is the last of ${types}`);
  equal([...new Set(events.map((event) => event.prompt_id))].length, 1, "one prompt id");
  for (const [at, event] of events.entries()) {
    const before = events[at - 1];
    ok(event.nodes_progress >= (before?.nodes_progress ?? 0), `nodes_progress falls at ${event.type}`);
    ok(event.nodes_progress <= 1, `nodes_progress is ${event.nodes_progress}`);
    ok(!before || event.ts >= before.ts, `time goes back at ${event.type}`);
    const data = /** @type {any} */ (event.data);
    const named = typeof data?.prompt_id === "string";
    ok(!named || data.prompt_id === event.prompt_id, `${event.type} of ${data?.prompt_id}`);
  }
  if (end.type === "completed") equal(end.nodes_progress, 1, "nodes_progress at completed");
  return end;
}

/**
 * Begins to wait for things to happen at a simulator, and resolves once it does wait for them: from a page, what is done
 * next may get there first.
 *
 * @template {string} Name
 * @param {import("./harness.mjs").Server} server
 * @param {Record<Name, string[]>} events what `waitFor` takes, by a name for the promise of each
 * @returns {Promise<Record<Name, Promise<any>>>}
 */
export async function awaiting(server, events) {
  const entries = Object.entries(events).map(([name, what]) => [name, server.waitFor(.../** @type {string[]} */ (what))]);
  await server.socketCount();
  return Object.fromEntries(entries);
}

/**
 * Lets a held server begin once the client knows that the prompt is taken: pictures and texts that come before that are
 * not kept, as nobody knows whose they are.
 *
 * @template T
 * @param {import("./harness.mjs").Server} server
 * @param {{ heard(type: string): Promise<any> }} heard
 * @param {Promise<T>} call
 */
export async function begun(server, heard, call) {
  await heard.heard("submitted");
  await server.resume();
  return call;
}

/** @type {Promise<unknown>} */
let reporting = Promise.resolve();

/**
 * Collects the errors that are reported while `body` runs. The function that they are reported to is global, so that one
 * scenario at a time does so.
 *
 * @param {(reported: unknown[]) => Promise<void>} body
 */
export async function collectingReports(body) {
  const scope = /** @type {any} */ (globalThis);
  const turn = reporting.then(async () => {
    const { reportError: usual } = scope;
    /** @type {unknown[]} */
    const reported = [];
    scope.reportError = (/** @type {unknown} */ error) => reported.push(error);
    try {
      await body(reported);
    } finally {
      scope.reportError = usual;
    }
  });
  reporting = turn.catch(() => {});
  await turn;
}

/**
 * The requests that a simulator got for a route, such as `POST /prompt`.
 *
 * @param {import("./harness.mjs").Server} server
 * @param {string} route
 */
export async function requestsTo(server, route) {
  return (await server.requests()).filter((request) => request.route === route);
}

/**
 * Waits until asking a few times gives what is wanted. For what no event tells.
 *
 * @param {() => unknown} holds
 * @param {string} what
 */
export async function until(holds, what) {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

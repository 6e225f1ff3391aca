// @ts-check
// The main job against a simulator of its own, and what must have come of it.
import assert from "node:assert/strict";
import { startSimulator } from "comfyui-autoflow/testing";

/** @typedef {import("comfyui-autoflow/testing").Simulator} Simulator */

/**
 * What a project tells of its main job, as JSON carries it.
 *
 * @typedef {object} Outcome
 * @property {string[]} events their types
 * @property {string[]} connection the states that `connection` events told
 * @property {number} [firstEventAfterMs]
 * @property {{ filename: string, subfolder: string, bytes: number[] }} [picture]
 * @property {string} [error]
 */

/** Long enough that progress is heard of live. */
const STEP_MS = 20;

/**
 * @param {(serverUrl: string) => Promise<Outcome>} start
 * @param {"live" | "polled"} [how]
 * @returns {Promise<Outcome>}
 */
export async function job(start, how = "live") {
  const sim = await startSimulator({ cors: true, stepMs: STEP_MS });
  try {
    const outcome = await start(sim.url);
    check(outcome, sim, how);
    return outcome;
  } finally {
    await sim.close();
  }
}

/**
 * @param {Outcome} outcome
 * @param {Simulator} sim
 * @param {"live" | "polled"} how
 */
function check(outcome, sim, how) {
  if (outcome.error) throw new Error(`${outcome.error}\nafter ${outcome.events?.join(", ") || "no event"}`);
  const { events, connection, picture } = outcome;
  const heard = events.join(", ");
  const first = (/** @type {string} */ type) => events.indexOf(type);
  assert.ok(first("submitted") >= 0, `no "submitted" in ${heard}`);
  assert.equal(events.at(-1), "completed", heard);
  assert.equal(first("completed"), events.length - 1, heard);
  const sockets = sim.requests.filter(({ route }) => route === "GET /ws").length;
  if (how === "live") {
    assert.ok(first("progress") > first("submitted"), `no "progress" after "submitted" in ${heard}`);
    assert.ok(connection.includes("open") && !connection.includes("polling"), `connection: ${connection}`);
    assert.equal(sockets, 1);
  } else {
    assert.equal(first("progress"), -1, heard);
    assert.ok(connection.includes("polling"), `connection: ${connection}`);
    assert.equal(sockets, 0);
  }
  assert.ok(picture, "no picture");
  const saved = sim.files.read("output", picture.subfolder, picture.filename);
  assert.ok(saved, `the server has no ${picture.filename}`);
  assert.ok(Buffer.from(picture.bytes).equals(saved), "the picture is not the one that the server saved");
}

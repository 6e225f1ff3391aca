// @ts-check
// Estimates the remaining time from the speed of the running node and from earlier durations of node classes.

/** Estimate for classes that have not run yet. */
const UNKNOWN_S = 0.3;

/** Average seconds by class over the runs of this session. @type {Map<string, number>} */
const seen = new Map();

/** @param {string} classType @param {number} seconds */
export function learn(classType, seconds) {
  const before = seen.get(classType);
  seen.set(classType, before === undefined ? seconds : before * 0.4 + seconds * 0.6);
}

/**
 * @param {import("./flow.js").Flow} flow
 * @param {import("./node-states.js").NodeStates} states
 * @param {number} now Unix time in seconds
 * @returns {number | null} seconds, or null where nothing is known yet
 */
export function timeLeft(flow, states, now) {
  let left = 0;
  let known = false;
  for (const id of flow.ids) {
    const { state, value, max, began } = states.get(id);
    const usual = seen.get(flow.prompt[id].class_type);
    if (state === "waiting") {
      left += usual ?? UNKNOWN_S;
      known ||= (usual ?? 0) > 1;
    } else if (state === "running" && began !== undefined) {
      const spent = now - began;
      if (max && value) {
        left += (spent / value) * (max - value);
        known = true;
      } else if (usual !== undefined) {
        left += Math.max(0, usual - spent);
        known = true;
      }
    }
  }
  return known ? left : null;
}

/** A duration as text. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A rough duration as text. @param {number} seconds */
export function about(seconds) {
  if (seconds < 1.5) return "about a second left";
  if (seconds < 60) return `about ${Math.round(seconds)} s left`;
  if (seconds < 100) return "about a minute left";
  return `about ${duration(seconds)} left`;
}

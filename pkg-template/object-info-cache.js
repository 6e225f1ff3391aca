// @ts-check
// The object info that a client keeps for a while: it has megabytes.

/** @typedef {{ info?: any, askedAt?: number }} Known */

/** @type {WeakMap<object, Known>} */
const known = new WeakMap();

/** @param {object} comfy */
const knownOf = (comfy) => {
  const entry = known.get(comfy) ?? {};
  known.set(comfy, entry);
  return entry;
};

/**
 * @param {object} comfy
 * @param {number} maxAgeMs
 * @returns {any} undefined where there is none, or an older one
 */
export function knownInfo(comfy, maxAgeMs) {
  const { info, askedAt = 0 } = knownOf(comfy);
  return info && Date.now() - askedAt < maxAgeMs ? info : undefined;
}

/** @param {object} comfy @param {any} info @param {number} askedAt */
export function keepInfo(comfy, info, askedAt) {
  Object.assign(knownOf(comfy), { info, askedAt });
}

/**
 * Lets a client use what another one of the same server knows, now and later.
 *
 * @param {object} from
 * @param {object} to
 */
export function shareInfo(from, to) {
  known.set(to, knownOf(from));
}

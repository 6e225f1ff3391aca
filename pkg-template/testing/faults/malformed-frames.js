// @ts-check

/** Malformed frames: invalid JSON, unexpected JSON, truncated binary frames and unknown binary types. */
export const MALFORMED_FRAMES = /** @type {(string | Uint8Array)[]} */ ([
  "not json",
  "",
  "null",
  "[]",
  "7",
  '"text"',
  "{}",
  '{"type": "executing"',
  '{"type": 7, "data": {}}',
  '{"type": "executing"}',
  '{"type": "executing", "data": null}',
  '{"type": "progress", "data": {"value": "x", "max": null, "node": {}}}',
  '{"type": "progress_state", "data": {"prompt_id": 1, "nodes": []}}',
  '{"type": "execution_cached", "data": {"nodes": "1"}}',
  '{"type": "status", "data": [NaN, Infinity]}',
  '{"type": "__proto__", "data": {"__proto__": 1}}',
  new Uint8Array([]),
  new Uint8Array([0, 0]),
  new Uint8Array([0, 0, 0, 99, 1, 2, 3]),
  new Uint8Array([0, 0, 0, 1]),
  new Uint8Array([0, 0, 0, 1, 0, 0, 0, 9]),
  new Uint8Array([0, 0, 0, 3, 255, 255, 255, 255, 65]),
  new Uint8Array([0, 0, 0, 4, 127, 255, 255, 255, 123]),
  new Uint8Array([0, 0, 0, 4, 0, 0, 0, 2, 123, 123]),
]);

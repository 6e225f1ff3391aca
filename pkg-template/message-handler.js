// @ts-check
// The message handler of a socket. Nearly all messages of a run are `progress` frames that differ from the last one in
// their `value` alone: of such a message only the value goes to Rust.

/** How ComfyUI begins a `progress` frame. */
const HEAD = '{"type": "progress", "data": {"value": ';

/** A double holds every whole number of so many digits. */
const MOST_DIGITS = 15;

/**
 * @param {(value: number) => boolean} repeat takes the last plain `progress` frame with another value; false where the
 *   message has to be read
 * @param {(message: MessageEvent) => boolean} read takes any message; true where it is a plain `progress` frame, which
 *   `repeat` knows from then on
 * @returns {(message: MessageEvent) => void}
 */
export function messageHandler(repeat, read) {
  /** What follows the value in the frame that `repeat` knows; empty where that is not known. */
  let tail = "";
  let count = 0;
  return (message) => {
    const { data } = message;
    const value = tail && typeof data === "string" ? valueOf(data, tail) : -1;
    if (value >= 0 && repeat(value)) return;
    const own = ++count;
    if (!read(message)) return;
    // A callback may have brought another message meanwhile: then nobody can say which one `repeat` knows.
    tail = own === count ? data.slice(data.indexOf(",", HEAD.length)) : "";
  };
}

/**
 * The whole number between the head and the tail of a `progress` frame; -1 where the text has more than that between
 * them, or is no such frame.
 *
 * @param {string} text
 * @param {string} tail
 */
function valueOf(text, tail) {
  const end = text.length - tail.length;
  const digits = end - HEAD.length;
  // Slices are compared in half the time that `startsWith` and `endsWith` take.
  if (digits < 1 || digits > MOST_DIGITS || text.slice(end) !== tail || text.slice(0, HEAD.length) !== HEAD) return -1;
  let value = 0;
  for (let at = HEAD.length; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9 || (digit === 0 && at === HEAD.length && digits > 1)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

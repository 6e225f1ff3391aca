// @ts-check
// Draws frames, not events: however often something changes, it is drawn once before the next frame.

/**
 * @param {(now: number) => void} draw
 * @returns {() => void} asks for it to be drawn
 */
export function onFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame((now) => {
      asked = false;
      draw(now);
    });
  };
}

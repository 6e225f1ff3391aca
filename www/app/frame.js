// @ts-check
// Coalesces changes: draws at most once per frame.

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

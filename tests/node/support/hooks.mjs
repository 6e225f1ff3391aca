// @ts-check
// Stands in for React where its hooks are tested: one component, rendered again when its state changes.

/** @typedef {{ deps?: unknown[], value?: any, effect?: () => void | (() => void), redo?: () => void | (() => void), undo?: void | (() => void) }} Cell */

/** @type {{ cells: Cell[], at: number, changed: () => void } | undefined} */
let rendering;

/** @param {() => Cell} make */
function cell(make) {
  if (!rendering) throw new Error("a hook outside of a component");
  const { cells, at } = rendering;
  rendering.at += 1;
  return (cells[at] ??= make());
}

/** @param {unknown[] | undefined} a @param {unknown[] | undefined} b */
const same = (a, b) => a !== undefined && b !== undefined && a.every((value, at) => Object.is(value, b[at]));

/** @param {any} initial */
export function useState(initial) {
  const { changed } = /** @type {NonNullable<typeof rendering>} */ (rendering);
  const own = cell(() => ({ value: initial }));
  const set = (/** @type {any} */ next) => {
    const value = typeof next === "function" ? next(own.value) : next;
    if (Object.is(value, own.value)) return;
    own.value = value;
    changed();
  };
  return [own.value, set];
}

/** @param {any} initial */
export const useRef = (initial) => cell(() => ({ value: { current: initial } })).value;

/** @param {() => any} make @param {unknown[]} deps */
export function useMemo(make, deps) {
  const own = cell(() => ({}));
  if (!same(own.deps, deps)) Object.assign(own, { deps, value: make() });
  return own.value;
}

/** @param {Function} call @param {unknown[]} deps */
export const useCallback = (call, deps) => useMemo(() => call, deps);

/** @param {() => void | (() => void)} effect @param {unknown[]} deps */
export function useEffect(effect, deps) {
  const own = cell(() => ({}));
  if (!same(own.deps, deps)) Object.assign(own, { deps, effect });
}

/**
 * Renders a component, as `StrictMode` does: its effects run, are undone, and run again.
 *
 * @template T
 * @param {() => T} component
 */
export function mount(component) {
  /** @type {Cell[]} */
  const cells = [];
  let [isMounted, isScheduled] = [true, false];
  const handle = { /** @type {T} */ current: /** @type {any} */ (undefined), unmount };
  const run = (/** @type {Cell} */ own) => {
    own.undo?.();
    own.undo = own.effect?.();
  };
  function render() {
    isScheduled = false;
    if (!isMounted) return;
    rendering = { cells, at: 0, changed };
    handle.current = component();
    rendering = undefined;
    for (const own of cells.filter(({ effect }) => effect)) {
      run(own);
      own.redo = own.effect;
      own.effect = undefined;
    }
  }
  function changed() {
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(render);
  }
  function unmount() {
    isMounted = false;
    for (const { undo } of cells) undo?.();
  }
  render();
  // The second mounting of StrictMode.
  const effects = cells.filter((own) => own.redo);
  for (const own of effects) own.undo?.();
  for (const own of effects) own.undo = own.redo?.();
  return handle;
}

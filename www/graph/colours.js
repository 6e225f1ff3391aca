// @ts-check
// Colours of the graph in light and dark mode.

/** Type colours of the editor. */
const TYPES = /** @type {Record<string, string>} */ ({
  CLIP: "#ffd500",
  CLIP_VISION: "#a8dadc",
  CONDITIONING: "#ffa931",
  CONTROL_NET: "#6ee7b7",
  IMAGE: "#64b5f6",
  LATENT: "#ff9cf9",
  MASK: "#81c784",
  MODEL: "#b39ddb",
  VAE: "#ff6e6e",
  NOISE: "#b0b0b0",
  GUIDER: "#66ffff",
  SAMPLER: "#ecb4b4",
  SIGMAS: "#cdffcd",
  STRING: "#77c27a",
  INT: "#57a0b8",
  FLOAT: "#9fb857",
  BOOLEAN: "#b8868b",
  AUDIO: "#f7a072",
  VIDEO: "#7d8cf2",
  "*": "#9aa1ad",
});

/** @param {string} type @param {boolean} dark */
export function typeColour(type, dark) {
  const colour = TYPES[type] ?? `hsl(${hueOf(type)} 60% 65%)`;
  return dark ? colour : `color-mix(in oklab, ${colour} 72%, #10131a)`;
}

/** @param {string} text */
function hueOf(text) {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (hash * 31 + text.charCodeAt(index)) >>> 0;
  return hash % 360;
}

/**
 * Colours of the style sheet as computed values, for the canvas.
 *
 * @param {HTMLElement} element
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  // `light-dark()` only resolves where a property uses it.
  const probe = document.createElement("i");
  element.append(probe);
  const read = (/** @type {string} */ name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    dark: style.colorScheme === "dark" || (style.colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches),
    font: style.fontFamily,
    canvas: read("canvas"),
    dots: read("dots"),
    node: read("node"),
    nodeTitle: read("node-title"),
    field: read("field"),
    outline: read("outline"),
    text: read("text"),
    muted: read("muted"),
    accent: read("accent"),
    done: read("done"),
    cached: read("cached"),
    failed: read("failed"),
    refused: read("failed"),
    stopped: read("stopped"),
  };
  probe.remove();
  return theme;
}

/** @typedef {ReturnType<typeof readTheme>} Theme */

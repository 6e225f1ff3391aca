// @ts-check
// Files that are dropped onto the page.
import { byId } from "./dom.js";

/** Type of a drag that carries files. */
const FILES = "Files";

/** @param {(file: File) => void} open */
export function onDrop(open) {
  const drop = byId("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.hidden = !event.dataTransfer?.types.includes(FILES);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (file) open(file);
  });
}

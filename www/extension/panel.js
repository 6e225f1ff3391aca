// @ts-check
// Side panel: jobs with progress and preview.
import { byId, make, write } from "../app/dom.js";
import { onFrame } from "../app/frame.js";
import { jobs, onJobs } from "./stored.js";

/** @typedef {import("./stored.js").Job} Job */

const WORDS = {
  reading: "Reading the picture",
  sending: "Sending it",
  queued: "Waiting",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};
const OVER = ["completed", "failed", "cancelled"];

/** @type {Map<string, ReturnType<typeof card>>} */
const cards = new Map();
const draw = onFrame(async () => {
  const all = await jobs();
  byId("empty").hidden = all.length > 0;
  for (const job of all.toReversed()) {
    let shown = cards.get(job.id);
    if (!shown) {
      cards.set(job.id, (shown = card(job)));
      byId("jobs").prepend(shown.element);
    }
    shown.update(job);
  }
});

onJobs(draw);
byId("options").addEventListener("click", () => chrome.runtime.openOptionsPage());
draw();

/** @param {Job} first */
function card(first) {
  const title = make("strong");
  const detail = make("p", { className: "muted" });
  const bar = make("progress", { max: 1, "aria-label": "Progress" });
  const preview = make("img", { alt: "", hidden: true });
  const cancel = make("button", { type: "button" }, "Cancel");
  const look = make("a", { className: "button", href: `result.html?job=${first.id}`, target: "_blank" }, "Look at it");
  const element = make("li", {}, title, preview, bar, detail, make("p", { className: "buttons" }, cancel, look));
  let job = first;
  cancel.addEventListener("click", () =>
    chrome.runtime.sendMessage({ to: "through-comfyui", kind: "cancel", promptId: job.promptId }),
  );
  return {
    element,
    update(/** @type {Job} */ now) {
      if (now.state !== job.state) write(byId("announce"), `${now.name}: ${WORDS[now.state]}`);
      job = now;
      element.dataset.state = now.state;
      write(title, `${WORDS[now.state]} · ${now.name}`);
      write(detail, now.detail);
      bar.value = now.progress;
      if (now.preview && preview.src !== now.preview) preview.src = now.preview;
      preview.hidden = !now.preview;
      cancel.hidden = OVER.includes(now.state) || !now.promptId;
      look.hidden = now.state !== "completed";
    },
  };
}

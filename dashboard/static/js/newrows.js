import { keepInPlace } from "./inplace.js";

// A region that refreshes itself on live:… gives way to the reader: while something in it is selected, open or being
// typed in, its update waits behind a button. The region: hx-get, hx-trigger="live:changed from:document, let-in".
const TYPING = "textarea:focus, select:focus, input:focus:not([type=checkbox], [type=radio])";
const BUSY = `[name="ids"]:checked, dialog[open], :popover-open, details[data-keep][open], ${TYPING}`;
const missed = new Set(); // types of events

// What somebody folded out stays so, whatever is drawn anew in it and around it.
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => name !== "open" || node.localName !== "details";

const live = (event) => event.detail.requestConfig?.triggeringEvent?.type.startsWith("live:");

const barOf = (region) => (region.previousElementSibling?.matches("[data-held]") ? region.previousElementSibling : null);

function hold(region) {
  if (barOf(region)) return;
  const bar = document.getElementById("held").content.firstElementChild.cloneNode(true);
  bar.addEventListener("click", () => {
    bar.remove();
    window.htmx.trigger(region, "let-in");
  });
  region.before(bar);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { shouldSwap, target } = event.detail;
  if (!shouldSwap) return;
  if (live(event) && target.querySelector(BUSY)) {
    event.detail.shouldSwap = false;
    hold(target);
    return;
  }
  barOf(target)?.remove();
  if (live(event)) keepInPlace(event.detail, target);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!live(event) || !document.hidden) return;
  event.preventDefault();
  missed.add(event.detail.requestConfig.triggeringEvent.type);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  missed.delete("live:figures"); // they come again by themselves
  for (const type of missed) document.dispatchEvent(new CustomEvent(type, { detail: { reason: "looked at again" } }));
  missed.clear();
});

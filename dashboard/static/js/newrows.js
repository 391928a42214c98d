// A region that refreshes itself on live:… gives way to the reader: while something in it is selected, open or being
// typed in, its update waits behind a button. The region: hx-get, hx-trigger="live:changed from:document, let-in".
const TYPING = "textarea:focus, select:focus, input:focus:not([type=checkbox], [type=radio])";
const BUSY = `[name="ids"]:checked, dialog[open], :popover-open, details[data-keep][open], ${TYPING}`;
let missed = false;

const live = (event) => event.detail.requestConfig?.triggeringEvent?.type.startsWith("live:");

function hold(region) {
  if (region.previousElementSibling?.matches("[data-held]")) return;
  const bar = document.getElementById("held").content.firstElementChild.cloneNode(true);
  bar.addEventListener("click", () => {
    bar.remove();
    window.htmx.trigger(region, "let-in");
  });
  region.before(bar);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!live(event) || !event.detail.target.querySelector(BUSY)) return;
  event.detail.shouldSwap = false;
  hold(event.detail.target);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!live(event) || !document.hidden) return;
  event.preventDefault();
  missed = true;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !missed) return;
  missed = false;
  document.dispatchEvent(new CustomEvent("live:changed", { detail: { reason: "looked at again" } }));
});

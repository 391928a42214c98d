// A toast leaves after its data-seconds, but not while somebody points at it or is in it. One with Undo counts the
// real time that is left, and says when it is over; whether it has gone out, its message tells.
const LINGER = 4;
const QUIET = 200; // milliseconds after which a screen reader reads what comes into a region, and not before

function tick() {
  for (const toast of document.querySelectorAll("[data-toast][data-seconds]")) {
    const countdown = toast.querySelector("[data-countdown]");
    const reading = toast.matches(":hover, :focus-within");
    if (reading && !countdown) continue;
    const left = Number(toast.dataset.seconds) - 1;
    toast.dataset.seconds = left;
    if (countdown && left > 0) countdown.textContent = `${left} s to undo`;
    else if (countdown) over(toast, countdown);
    else if (left <= 0) toast.remove();
  }
}

function over(toast, countdown) {
  toast.querySelector("form")?.remove();
  countdown.textContent = "The time to undo is over.";
  countdown.removeAttribute("data-countdown");
  countdown.removeAttribute("aria-hidden");
  toast.dataset.seconds = LINGER;
}

// What the page was drawn with is put in again: nobody reads aloud what has been in a region from the start.
document.addEventListener("DOMContentLoaded", () => {
  const region = document.getElementById("toasts");
  const drawn = [...region.children];
  region.replaceChildren();
  setTimeout(() => region.append(...drawn), QUIET);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
});
setInterval(tick, 1_000);

// Rows are selected by checkboxes named ids. A shift-click takes the range; data-select-page takes all on the page;
// data-select-none clears; data-selected holds the count; data-all-matching is offered once the whole page is taken.
const number = new Intl.NumberFormat("en");
let last = null;

const boxes = () => [...document.querySelectorAll("input[name='ids']")];

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const whole = all.length > 0 && chosen === all.length;
  const matching = document.querySelector("[data-all-matching]");
  if (matching) {
    matching.hidden = !whole;
    if (!whole) matching.querySelector("input").checked = false;
  }
  const everything = matching?.querySelector("input").checked;
  for (const place of document.querySelectorAll("[data-selected]")) {
    place.textContent = everything ? matching.querySelector("[data-total]").textContent || "All" : number.format(chosen);
  }
  for (const box of document.querySelectorAll("[data-select-page]")) {
    box.checked = whole;
    box.indeterminate = chosen > 0 && !whole;
  }
}

function range(to, checked) {
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(to)].sort((a, b) => a - b);
  if (from >= 0) for (const box of all.slice(from, until + 1)) box.checked = checked;
}

document.addEventListener("click", (event) => {
  if (event.target.matches("input[name='ids']")) {
    if (event.shiftKey && last) range(event.target, event.target.checked);
    last = event.target;
  }
  if (event.target.closest("[data-select-none]")) {
    for (const box of boxes()) box.checked = false;
    count();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-page]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  count();
});
document.addEventListener("htmx:load", count);
// A browser that goes back restores ticks without an event.
addEventListener("pageshow", count);

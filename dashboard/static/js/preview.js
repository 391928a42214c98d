// The preview beside the list: the row that one clicks, or walks to, is looked at there, and the address names it. A
// second click, or Enter, opens the message. Where there is no room for the pane, a row is a link and nothing else.
//   data-preview (a row): where its preview is; #preview: the pane
const PAUSE = 150; // so that walking past rows fetches nothing
const pane = document.getElementById("preview");
let timer = 0;

const room = () => pane?.checkVisibility();
const shown = () => pane.querySelector("[data-previewed]")?.dataset.previewed;
const idOf = (row) => row.id.replace("row-", "");

function mark(id) {
  for (const link of document.querySelectorAll("[data-preview] [data-open]")) {
    link.toggleAttribute("aria-current", idOf(link.closest("[data-preview]")) === id);
    if (link.hasAttribute("aria-current")) link.setAttribute("aria-current", "true");
  }
}

function show(row) {
  clearTimeout(timer);
  const address = new URL(location.href);
  address.searchParams.set("selected", idOf(row));
  history.replaceState(history.state, "", address);
  mark(idOf(row));
  const next = encodeURIComponent(address.pathname + address.search);
  window.htmx.ajax("GET", `${row.dataset.preview}&next=${next}`, { target: pane, swap: "innerHTML" });
}

if (pane) {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-open]")?.closest("[data-preview]");
    const plain = event.detail > 0 && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (!row || !plain || !room() || shown() === idOf(row)) return;
    event.preventDefault();
    show(row);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-open]")?.closest("[data-preview]");
    clearTimeout(timer);
    if (row && room() && shown() !== idOf(row)) timer = setTimeout(show, PAUSE, row);
  });
  document.addEventListener("htmx:load", () => mark(shown()));
  mark(shown());
}

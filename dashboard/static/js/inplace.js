// Rows do not move under the hand: while somebody points at a list or is in it, an update brings their figures alone.
// Their new order, what came and what went follow once they have left it, or have rested for a while.
const RESTING = 30_000;
const waiting = new Set(); // ids of regions: a swap may put another element there
let moved = 0;

const listOf = (root) => root?.querySelector("ol.rows");
const ids = (list) => [...(list?.children ?? [])].map((row) => row.id).join();
const at = (region) => region?.id && Date.now() - moved < RESTING && listOf(region)?.matches(":hover, :focus-within");

export function keepInPlace(swap, region) {
  if (!at(region)) return;
  const answer = new DOMParser().parseFromString(swap.serverResponse, "text/html");
  const shown = listOf(region);
  const came = listOf(answer.getElementById(region.id) ?? answer);
  if (ids(came) === ids(shown)) return;
  waiting.add(region.id);
  if (!came) {
    swap.shouldSwap = false;
    return;
  }
  came.replaceChildren(...[...shown.children].map((row) => answer.getElementById(row.id) ?? row.cloneNode(true)));
  swap.serverResponse = answer.body.innerHTML;
}

for (const type of ["pointermove", "keydown"]) {
  document.addEventListener(type, (event) => { if (event.target.closest("ol.rows")) moved = Date.now(); });
}
setInterval(() => {
  for (const id of waiting) {
    const region = document.getElementById(id);
    if (at(region)) continue;
    waiting.delete(id);
    if (region) window.htmx.trigger(region, "let-in");
  }
}, 1_000);

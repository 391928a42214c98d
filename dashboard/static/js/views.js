// While a saved view is looked at, links within its list keep it in their address, so that "changed" can be told.
document.addEventListener("click", (event) => {
  const view = document.querySelector("[data-view]")?.dataset.view;
  const link = event.target.closest("a[href]");
  if (!view || !link || link.closest(".views") || link.pathname !== location.pathname) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || address.searchParams.has("view") || !address.search) return;
  address.searchParams.set("view", view);
  link.href = address;
}, { capture: true });

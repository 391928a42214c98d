// data-fold="id" folds all parts of that element, and opens them again.
for (const button of document.querySelectorAll("[data-fold]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const parts = [...document.getElementById(button.dataset.fold).querySelectorAll("details")];
    const open = parts.every((part) => !part.open);
    for (const part of parts.slice(open ? 0 : 1)) part.open = open;
  });
}

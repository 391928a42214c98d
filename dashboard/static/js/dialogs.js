// data-dialog="id" opens that <dialog>, or follows data-matching="url" while all that match are selected; data-close closes the one it is in. Fields that belong to a form outside
// are off while their dialog is closed, so that only the open one's reason is sent or asked for.
function turn(dialog, on) {
  for (const field of dialog.querySelectorAll("[data-dialog-field]")) field.disabled = !on;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener?.dataset.matching && document.querySelector("[data-all-matching] :checked")) {
    location.assign(opener.dataset.matching);
  } else if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    turn(dialog, true);
    dialog.showModal();
    dialog.addEventListener("close", () => turn(dialog, false), { once: true });
  }
  if (event.target.closest("[data-close]") || event.target.matches("dialog[open]")) {
    event.target.closest("dialog").close();
  }
});

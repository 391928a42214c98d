// data-copy="text" copies that text; data-copy-from="id" the text of that element.
const SHOWN = 1_500;
const said = document.createElement("p");
said.className = "hidden-text";
said.setAttribute("role", "status");
document.body.append(said);

async function copy(text) {
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS there is no clipboard, and a browser may forbid it: the old way still works.
  }
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "hidden-text" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  await copy(button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent);
  button.dataset.copied = "";
  said.textContent = "Copied";
  setTimeout(() => {
    delete button.dataset.copied;
    said.textContent = "";
  }, SHOWN);
});

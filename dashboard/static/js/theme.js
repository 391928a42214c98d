// System, light or dark. A cookie keeps the choice, so that the server draws the next page right at once.
import { keep } from "./kept.js";

const root = document.documentElement;

function choose(theme) {
  root.toggleAttribute("data-theme", Boolean(theme));
  if (theme) root.dataset.theme = theme;
  keep("theme", theme);
  document.dispatchEvent(new CustomEvent("theme:changed"));
}

for (const radio of document.querySelectorAll("[data-themes] input")) {
  radio.checked = radio.value === (root.dataset.theme ?? "");
  radio.addEventListener("change", () => choose(radio.value));
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.dispatchEvent(new CustomEvent("theme:changed"));
});

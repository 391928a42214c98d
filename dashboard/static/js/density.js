// Two lines a row, or one. A cookie keeps the choice, so that the server draws the next list right at once.
import { keep } from "./kept.js";

const root = document.documentElement;

for (const radio of document.querySelectorAll("[data-densities] input")) {
  radio.checked = radio.value === (root.dataset.density ?? "");
  radio.addEventListener("change", () => {
    if (radio.value) root.dataset.density = radio.value;
    else delete root.dataset.density;
    keep("density", radio.value);
  });
}

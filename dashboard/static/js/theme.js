// System, light or dark. A cookie keeps the choice, so that the server draws the next page right at once.
const YEAR = 365 * 24 * 3600;
const root = document.documentElement;

function choose(theme) {
  root.toggleAttribute("data-theme", Boolean(theme));
  if (theme) root.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? YEAR : 0}; SameSite=Lax${secure}`;
  document.dispatchEvent(new CustomEvent("theme:changed"));
}

for (const radio of document.querySelectorAll("[data-themes] input")) {
  radio.checked = radio.value === (root.dataset.theme ?? "");
  radio.addEventListener("change", () => choose(radio.value));
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.dispatchEvent(new CustomEvent("theme:changed"));
});

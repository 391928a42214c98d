// Suggestions under the search field: a combobox whose list the server writes. Without this the field is a field.
//   data-complete: where the options for ?q=…&at=… are; aria-controls: the list
const PAUSE = 120; // between the last key and the question
const field = document.querySelector("[data-complete]");
const list = field && document.getElementById(field.getAttribute("aria-controls"));
let timer = 0;
let asked = 0;

const options = () => [...list.children];
const active = () => document.getElementById(field.getAttribute("aria-activedescendant"));

function close() {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  list.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

async function ask() {
  const number = ++asked;
  const at = [...field.value.slice(0, field.selectionStart)].length;
  const answer = await fetch(`${field.dataset.complete}?${new URLSearchParams({ q: field.value, at })}`).catch(() => null);
  // A redirect is the way to the sign-in page; a later question makes an earlier one's answer old.
  if (!answer?.ok || answer.redirected) return;
  const text = await answer.text();
  if (number !== asked || document.activeElement !== field) return;
  const page = new DOMParser().parseFromString(`<ul>${text}</ul>`, "text/html");
  list.replaceChildren(...page.querySelectorAll("li"));
  list.hidden = list.children.length === 0;
  field.setAttribute("aria-expanded", String(!list.hidden));
  field.removeAttribute("aria-activedescendant");
}

function move(step) {
  const all = options();
  const before = all.indexOf(active());
  const next = all[(before < 0 && step < 0 ? all.length - 1 : before + step + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === next));
  field.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const { text, at } = option.dataset;
  field.value = text;
  const end = [...text].slice(0, Number(at)).join("").length;
  field.setSelectionRange(end, end);
  close();
  if (!/\s$/.test(text.slice(0, end))) ask();
}

const KEYS = {
  ArrowDown: () => (list.hidden ? ask() : move(1)),
  ArrowUp: () => (list.hidden ? ask() : move(-1)),
  Enter: () => (active() ? take(active()) : false),
  Escape: () => (list.hidden ? false : close()),
};

if (field) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || !(event.key in KEYS) || KEYS[event.key]() === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

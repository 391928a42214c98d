// Suggestions for what is being typed: a field whose list the server writes. Without this the field is a field.
//   data-complete: where the options for ?q=…&at=… are, each with the whole text and where the cursor is then
//   data-complete-names: only an @name is completed; the server is asked for its beginning, and told nothing else
//   aria-controls: the list
const PAUSE = 120; // between the last key and the question
const NAME = /(?<![\w.@+-])@([\w.@+-]*)$/u;
let field = null; // the one whose list is open or asked for
let timer = 0;
let asked = 0;

const listOf = (one) => document.getElementById(one.getAttribute("aria-controls"));
const options = () => [...listOf(field).children];
const active = () => document.getElementById(field.getAttribute("aria-activedescendant"));
const shown = (one) => !listOf(one).hidden;
const before = (one) => one.value.slice(0, one.selectionStart);

function show(found) {
  const list = listOf(field);
  list.replaceChildren(...found);
  list.hidden = found.length === 0;
  // A text area has no role that could be expanded.
  if (field.role === "combobox") field.setAttribute("aria-expanded", String(!list.hidden));
  field.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(timer);
  asked += 1;
  if (field?.isConnected) show([]);
}

function question() {
  if (!("completeNames" in field.dataset)) return { q: field.value, at: [...before(field)].length };
  const name = NAME.exec(before(field));
  return name && { q: name[1] };
}

async function ask() {
  const number = ++asked;
  const typed = question();
  if (!typed) return close();
  const answer = await fetch(`${field.dataset.complete}?${new URLSearchParams(typed)}`).catch(() => null);
  // A redirect is the way to the sign-in page; a later question makes an earlier one's answer old.
  if (!answer?.ok || answer.redirected) return;
  const text = await answer.text();
  if (number !== asked || document.activeElement !== field) return;
  show([...new DOMParser().parseFromString(`<ul>${text}</ul>`, "text/html").querySelectorAll("li")]);
}

function move(step) {
  const all = options();
  const from = all.indexOf(active());
  const next = all[(from < 0 && step < 0 ? all.length - 1 : from + step + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === next));
  field.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const { text, at } = option.dataset;
  const name = "completeNames" in field.dataset && NAME.exec(before(field));
  if (name) field.setRangeText(text, name.index, field.selectionStart, "end");
  else field.value = text;
  const end = name ? field.selectionStart : [...text].slice(0, Number(at)).join("").length;
  field.setSelectionRange(end, end);
  close();
  if (!name && !/\s$/.test(text.slice(0, end))) ask();
}

// In several lines the arrows are for the cursor.
const begin = () => (field.role === "combobox" ? ask() : false);
const KEYS = {
  ArrowDown: () => (shown(field) ? move(1) : begin()),
  ArrowUp: () => (shown(field) ? move(-1) : begin()),
  Enter: () => (active() ? take(active()) : false),
  Escape: () => (shown(field) ? close() : false),
};

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-complete]")) return;
  field = event.target;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
// Before anything else that hears keys: what is done with the list is done with it alone.
document.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.matches?.("[data-complete]") || event.isComposing || !(event.key in KEYS)) return;
    field = event.target;
    if (KEYS[event.key]() === false) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
document.addEventListener("focusout", (event) => event.target === field && close());
document.addEventListener("mousedown", (event) => {
  if (!field?.isConnected || !listOf(field).contains(event.target)) return;
  event.preventDefault(); // the field keeps the focus
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});

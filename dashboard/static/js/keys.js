// Single keys. They never fire while somebody types or a dialog is open, and can be switched off for good.
//   data-search: focused by /      data-go="m": followed by g m      data-key="r": clicked by r
//   data-row: walked by j and k, with data-open (its link), data-edit and a checkbox named ids
// And one that fires while somebody types: Ctrl Enter clicks data-finish.
const WAIT_FOR_SECOND = 1_200;
const root = document.documentElement;
let going = 0;
let typed = ""; // the key that was pressed last, where it was none of ours

const pending = () => Date.now() - going < WAIT_FOR_SECOND;
const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.querySelector("[data-row][data-current]");
const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const box = (row) => row?.querySelector("[name='ids']");

function mark(row) {
  current()?.removeAttribute("data-current");
  row?.setAttribute("data-current", "");
}

function walk(step) {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current()) + step))];
  next?.querySelector("[data-open]").focus();
  next?.scrollIntoView({ block: "nearest" });
}

const buttons = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];

function act(key) {
  // In a list with nothing selected, an act is meant for the row one is at.
  const selects = buttons(key).length > 0 && !buttons(key).some(visible);
  if (selects && box(current()) && !box(current()).checked) box(current()).click();
  buttons(key).find(visible)?.click();
}

function edit() {
  const address = current()?.querySelector("[data-edit]")?.dataset.edit;
  if (address && !buttons("e").some(visible)) location.assign(address);
  else act("e");
}

function search() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

const KEYS = {
  "/": search,
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => (rows().length ? walk(1) : act("j")),
  k: () => (rows().length ? walk(-1) : act("k")),
  e: edit,
  x: () => box(current())?.click(),
  Enter: () => current()?.querySelector("[data-open]").click(),
  g: () => { going = Date.now(); },
};

function press(event) {
  if (pending()) {
    going = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    return link ? link.click() : undefined;
  }
  return KEYS[event.key] ? KEYS[event.key]() : act(event.key);
}

function ours(event) {
  const taken = event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey;
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const onControl = event.key === "Enter" && event.target.closest("a, button, summary");
  const off = root.dataset.keys === "off" || document.querySelector("dialog[open], :popover-open");
  return !taken && !typing && !onControl && !off && event.key.length <= 5;
}

// A key that is held walks rows, and does nothing else over again: what it would hit next, on this page or on the one
// that it led to, is another thing. Nor is it typed where its first press led to.
function held(event) {
  if (!event.repeat || ("jk".includes(event.key) && ours(event))) return false;
  if (event.key.length === 1 && event.key !== typed) event.preventDefault();
  return true;
}

function switchKeys(on) {
  root.dataset.keys = on ? "on" : "off";
  localStorage.setItem("keys", root.dataset.keys);
  for (const control of document.querySelectorAll("[data-keys-switch]")) control.checked = on;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
  if (held(event)) return;
  typed = ours(event) ? "" : event.key;
  if (!ours(event)) return;
  const handled = event.key in KEYS || pending() || buttons(event.key).length > 0;
  if (handled) event.preventDefault();
  press(event);
});
// Before the editor takes it for a new line.
document.addEventListener("keydown", (event) => {
  const finish = document.querySelector("[data-finish]");
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !finish) return;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat) finish.click();
}, { capture: true });
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) mark(row);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) switchKeys(event.target.checked);
});
switchKeys(localStorage.getItem("keys") !== "off");

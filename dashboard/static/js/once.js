// A form that is on its way is not sent again: the second click of two would be told that nothing is left to do. It
// can be sent again once it was answered, or the page came back; at the latest after a while, since a browser does not
// tell when an answer was a file, or was stopped.
const LONGEST = 10_000;
const going = new Map(); // a form, or what htmx sends without one, and the button it was sent by

function go(form, button) {
  going.set(form, button);
  button?.setAttribute("aria-disabled", "true");
  setTimeout(() => { if (going.get(form) === button) end(form); }, LONGEST);
}

function end(form) {
  going.get(form)?.removeAttribute("aria-disabled");
  going.delete(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (going.has(form)) event.preventDefault();
  else go(form, event.submitter);
});
addEventListener("pageshow", () => [...going.keys()].forEach(end));

const acts = ({ detail }) => detail.verb === "post" && ["click", "submit"].includes(detail.triggeringEvent?.type);
const formOf = (element) => element.closest("form") ?? element;

document.addEventListener("htmx:confirm", (event) => {
  if (acts(event) && going.has(formOf(event.detail.elt))) event.preventDefault();
});
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr, requestConfig } }) => {
  if (!acts({ detail: requestConfig })) return;
  const form = formOf(elt); // remembered: the answer may take the element out of it
  go(form, elt);
  xhr.addEventListener("loadend", () => end(form));
});

// A form that is on its way is not sent again: the second click of two would be told that nothing is left to do. What
// leaves the page may be sent while htmx still waits for something else. It can be sent again once it was answered, or
// the page came back; at the latest after a while, since a browser does not tell when an answer was a file, or was
// stopped.
const LONGEST = 10_000;
const going = new Map(); // a form, or what htmx sends without one: {button, leaves}

function go(form, button, leaves) {
  if (going.has(form)) end(form);
  const sent = { button, leaves };
  going.set(form, sent);
  button?.setAttribute("aria-disabled", "true");
  const over = () => { if (going.get(form) === sent) end(form); };
  setTimeout(over, LONGEST);
  return over;
}

function end(form) {
  going.get(form).button?.removeAttribute("aria-disabled");
  going.delete(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const sent = going.get(form);
  if (sent && (sent.leaves || sent.button === event.submitter)) event.preventDefault();
  else go(form, event.submitter, true);
});
addEventListener("pageshow", () => [...going.keys()].forEach(end));

const acts = ({ detail }) => detail.verb === "post" && ["click", "submit"].includes(detail.triggeringEvent?.type);
const formOf = (element) => element.closest("form") ?? element;

document.addEventListener("htmx:confirm", (event) => {
  if (acts(event) && going.has(formOf(event.detail.elt))) event.preventDefault();
});
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr, requestConfig } }) => {
  if (!acts({ detail: requestConfig })) return;
  xhr.addEventListener("loadend", go(formOf(elt), elt, false)); // the form is remembered: the answer may take elt out of it
});

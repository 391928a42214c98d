// The end of a session while somebody types: the page stands as it is, says so, and can be sent once they signed in
// again in another tab. A page in which nothing was typed asks for the sign-in instead.
const SIGN_IN = "/sign-in/";
const TEXTS = "textarea, input:not([type=hidden], [type=checkbox], [type=radio])";
const BEGUN = "main .errors, form[data-begun]"; // drawn by the server with what was typed before
let typed = false;
let out = false;

const differs = (field) => field.value !== field.defaultValue; // as the browser restores it on "back"
const begun = () => typed || document.querySelector(BEGUN) || [...document.querySelectorAll(TEXTS)].some(differs);

function tell() {
  out = true;
  if (!begun() || document.querySelector("[data-signed-out]")) return;
  document.getElementById("toasts").append(document.getElementById("signed-out").content.cloneNode(true));
}

function write() {
  typed = true;
  if (out) tell();
}

// A sign-in makes a new token, and a form with the old one would be refused.
function renew() {
  const [, token] = document.cookie.match(/(?:^|; )office_csrf=([^;]+)/) ?? [];
  if (!token) return;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
}

document.addEventListener("input", write);
document.addEventListener("edited", write, { capture: true });
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href);
  if (answered.pathname !== SIGN_IN || location.pathname === SIGN_IN) return;
  event.detail.shouldSwap = false;
  if (!begun()) return location.reload();
  tell();
  document.dispatchEvent(new Event("session:over"));
}, { capture: true });
document.addEventListener("live:out", tell);
document.addEventListener("live:opened", ({ detail: { person } }) => {
  if (String(person) !== document.body.dataset.person) return; // what one person typed is not sent as another's
  out = false;
  document.querySelector("[data-signed-out]")?.remove();
  renew();
});

// What a fragment could not fetch or send is said in a toast.
function say(title, text) {
  const toast = document.getElementById("failed").content.cloneNode(true);
  toast.querySelector("b").textContent = title;
  toast.querySelector("span").textContent = text;
  document.getElementById("toasts").append(toast);
}

// What the page fetches by itself fails in silence: the live sign already says that the office is away.
const asked = (event) => !event.detail.requestConfig.triggeringEvent?.type.startsWith("live:");

document.addEventListener("htmx:sendError", (event) => {
  if (asked(event)) say("The office could not be reached.", "What you see and what you typed is kept. Try again.");
});
document.addEventListener("htmx:responseError", (event) => {
  if (!asked(event)) return;
  const { status } = event.detail.xhr;
  if (status === 403) say("That is not allowed, or this page has expired.", "Nothing was changed. Reload the page.");
  else if (status === 404) say("That no longer exists.", "Nothing was changed. Reload the page to see what exists now.");
  else say(`Something went wrong in the office (${status}).`, "Changes are saved completely or not at all: check before you try again.");
});

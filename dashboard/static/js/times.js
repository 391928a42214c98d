// Times in few words that stay true while the page is open; the exact one, in the reader's zone, on hover.
import { ago } from "./words.js";

const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

function exact(when) {
  const local = new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString();
  const name = zone.formatToParts(when).find((part) => part.type === "timeZoneName").value;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${name}`;
}

function refresh(root = document) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const when = new Date(time.dateTime);
    const words = ago(when);
    if (time.textContent !== words) time.textContent = words;
    time.title = exact(when);
  }
}

refresh();
setInterval(() => document.hidden || refresh(), 5_000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("htmx:load", () => refresh());

// Numbers that the socket brings, put where they belong:
//   live:figures {"figures": {"parked": 412}}            into  data-figure="parked"
//   live:queues  {"queues": {"trades": {"ready": 12}}}   into  data-queue="trades" data-field="ready"
// A number in a field that has data-seconds="" is a length of time.
import { span } from "./words.js";

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

function words(value, isTime) {
  if (value == null) return "–";
  if (typeof value !== "number") return value;
  return isTime ? span(value) : number.format(value);
}

function put(element, value) {
  const text = words(value, "seconds" in element.dataset);
  if (element.textContent !== text) element.textContent = text;
}

document.addEventListener("live:figures", ({ detail: { figures } }) => {
  for (const element of document.querySelectorAll("[data-figure]")) {
    if (element.dataset.figure in figures) put(element, figures[element.dataset.figure]);
  }
});

document.addEventListener("live:queues", ({ detail: { queues } }) => {
  for (const element of document.querySelectorAll("[data-queue][data-field]")) {
    const queue = queues[element.dataset.queue];
    if (queue && element.dataset.field in queue) put(element, queue[element.dataset.field]);
  }
});

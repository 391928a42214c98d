// Times and spans in few words: those of parts/times.py.
const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
const WEEK = 7 * 86_400;
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function ago(when, now = Date.now()) {
  const seconds = (now - when) / 1000;
  const length = Math.abs(seconds);
  if (length >= WEEK) return day.format(when);
  if (length < 1) return "just now";
  const [unit, size] = UNITS.find(([, size]) => length >= size);
  const words = `${Math.floor(length / size)} ${unit}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

export function span(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const index = UNITS.findIndex(([, size]) => seconds >= size);
  const [[unit, size], smaller] = UNITS.slice(index);
  const rest = smaller ? Math.floor((seconds % size) / smaller[1]) : 0;
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${smaller[0]}` : ""}`;
}

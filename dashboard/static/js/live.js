// The socket at /live/: every frame {"type": T, …} becomes an event live:T on the document. Frames are hints and
// figures; what changed is fetched by the page. After a gap, and where there was news between the page's drawing and
// the socket's opening, live:changed makes the page look again.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const SILENCE = 45_000; // the server speaks at least every 15 s; a socket silent for so long is dead
const PAUSE = 1_000; // pages look again at most once in so long, and always once more after the last news
const REFUSED = { 4401: "out", 4403: "forbidden" }; // no use in asking again

let socket = null;
let failures = 0;
let timer = 0;
let watchdog = 0;
let lost = false;
let open = false;
let pausing = false;
let news = false;

const announce = (type, detail) => document.dispatchEvent(new CustomEvent(`live:${type}`, { detail }));

function show(state) {
  for (const sign of document.querySelectorAll("[data-live]")) sign.dataset.live = state;
}

function connect() {
  clearTimeout(timer);
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  const address = new URL("/live/", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.addEventListener("message", received);
  socket.addEventListener("close", closed);
  listen();
}

function opened(frame) {
  failures = 0;
  open = true;
  show("on");
  announce("opened", frame);
  if (lost || frame.news !== document.body.dataset.news) {
    changed({ reason: "missed" });
    announce("notified", {});
  }
  lost = false;
}

function received(message) {
  listen();
  const frame = JSON.parse(message.data);
  if (frame.type === "opened") opened(frame);
  else if (frame.type === "changed") changed(frame);
  else announce(frame.type, frame);
}

function changed(frame) {
  if (pausing) {
    news = true;
    return;
  }
  announce("changed", frame);
  pausing = true;
  setTimeout(() => {
    pausing = false;
    if (!news) return;
    news = false;
    changed({});
  }, PAUSE);
}

function closed(event) {
  if (event.target !== socket) return;
  clearTimeout(watchdog);
  lost = true;
  const wasOpen = open;
  open = false;
  // One that was open asks once more: its session may have given way to that of a new sign-in.
  if (event.code in REFUSED && !wasOpen) {
    show(REFUSED[event.code]);
    announce(REFUSED[event.code], {});
    return;
  }
  show("off");
  // Half of the wait is chance, so that a restarted server is not met by everybody at once.
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures++);
  timer = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
}

function listen() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    const dead = socket;
    dead.close(); // its own close event may take minutes on a lost network
    if (dead === socket) closed({ target: dead, code: 0 });
    socket = null;
  }, SILENCE);
}

if (document.querySelector("[data-live]")) {
  document.addEventListener("DOMContentLoaded", connect); // from then on the page hears
  addEventListener("online", connect);
  document.addEventListener("session:over", () => socket?.close()); // a new one finds the next session
  document.addEventListener("visibilitychange", () => document.hidden || connect());
}

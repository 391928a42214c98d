// What is typed into an edit is kept in this browser until it is saved, forgotten or signed out, so that a closed tab
// loses nothing. It is offered on return and never put into the form unasked: going on sends it to the server, which
// draws the page with it, on what the message is by then. Each tab keeps its own, under draft:PERSON:MESSAGE:BEGUN.
import { ago } from "./words.js";

const PAUSE = 500;
const LONGEST = 30 * 24 * 3600 * 1000;
const UNKEPT = ["csrfmiddlewaretoken", "then"];

const keys = (owner) => Object.keys(localStorage).filter((key) => key.startsWith(`draft:${owner}:`));
const forget = (owner, except) => keys(owner).filter((key) => key !== except).forEach((key) => localStorage.removeItem(key));
const newest = (owner) => keys(owner).map((key) => JSON.parse(localStorage.getItem(key)))
  .sort((one, other) => other.at - one.at)[0];

function forgetOld() {
  const begun = (key) => Number(key.split(":").at(-1));
  const old = Object.keys(localStorage).filter((key) => key.startsWith("draft:") && Date.now() - begun(key) > LONGEST);
  for (const key of old) localStorage.removeItem(key);
}

class Draft {
  constructor(form, owner) {
    this.form = form;
    this.owner = owner;
    this.key = `draft:${this.owner}:${Date.now()}`;
    this.begun = "begun" in form.dataset;
    this.original = this.entries;
    if (this.begun) {
      forget(this.owner);
      this.keep();
    } else this.offer();
    form.addEventListener("input", () => this.soon());
    form.addEventListener("edited", () => this.soon());
    addEventListener("pagehide", () => this.keep());
  }

  get entries() {
    return JSON.stringify([...new FormData(this.form)].filter(([name]) => !UNKEPT.includes(name)));
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE);
  }

  keep() {
    const entries = this.entries;
    if (entries === this.original && !this.begun) localStorage.removeItem(this.key);
    else {
      try {
        localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), entries }));
      } catch {
        // Too large for the browser's store: the question before leaving has to do.
      }
    }
  }

  offer() {
    const kept = newest(this.owner);
    if (!kept || kept.entries === this.original) return;
    const notice = document.getElementById("kept");
    const time = notice.querySelector("time");
    time.dateTime = new Date(kept.at).toISOString();
    time.textContent = ago(new Date(kept.at));
    time.dataset.ago = "";
    const version = (entries) => JSON.parse(entries).find(([name]) => name === "version")[1];
    notice.querySelector("[data-kept-stale]").hidden = version(kept.entries) === version(this.original);
    notice.hidden = false;
    notice.querySelector("[data-kept='go on']").addEventListener("click", () => this.goOn(kept));
    notice.querySelector("[data-kept='forget']").addEventListener("click", () => {
      forget(this.owner, this.key);
      notice.hidden = true;
    });
  }

  goOn(kept) {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: this.form.action, enctype: this.form.enctype, hidden: true });
    const token = this.form.elements.csrfmiddlewaretoken.value;
    for (const [name, value] of [...JSON.parse(kept.entries), ["then", "review"], ["csrfmiddlewaretoken", token]]) {
      form.append(Object.assign(document.createElement("textarea"), { name, value }));
    }
    document.body.append(form);
    form.submit();
  }
}

forgetOld();
const { person } = document.body.dataset;
const form = document.querySelector("form[data-draft]");
if (form) new Draft(form, `${person}:${form.dataset.draft}`);

const [, saved] = location.hash.match(/^#saved=([0-9a-f-]+)$/) ?? [];
if (saved) {
  forget(`${person}:${saved}`);
  history.replaceState(null, "", location.pathname + location.search);
}
// The next person at this browser has no business with them.
document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => forget(person));

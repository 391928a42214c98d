// CodeMirror in place of a <textarea data-editor>, which stays the form's truth: its value is the editor's text
// whenever the form is sent, and without a script it is edited by itself. The text is never parsed and written again.
//
// A browser holds line ends as LF in a textarea and sends CRLF; the field body_newline tells the server which ones
// the original had. A text with several kinds never comes here: the server offers it as Base64.
import {
  Compartment, EditorState, EditorView, bracketMatching, defaultKeymap, drawSelection, ensureSyntaxTree, foldGutter,
  foldKeymap, highlightActiveLine, highlightSelectionMatches, highlightSpecialChars, history, historyKeymap, json,
  jsonParseLinter, keymap, lineNumbers, lintGutter, lintKeymap, linter, search, searchKeymap, unifiedMergeView, xml,
} from "../vendor/codemirror.js";
import { theme, words } from "./editor-look.js";

const NEWLINES = { lf: "LF", crlf: "CRLF", cr: "CR" };
const PARSE_MS = 200;
const parse = jsonParseLinter();

// V8 leaves the position out of some messages; the syntax tree knows it.
function check(view) {
  if (view.state.doc.length === 0) return [];
  return parse(view).map((found) => {
    if (/position \d+|line \d+/.test(found.message)) return found;
    const place = firstError(view.state);
    return place === null ? found : { ...found, from: place, to: place };
  });
}

function firstError(state) {
  let place = null;
  ensureSyntaxTree(state, state.doc.length, PARSE_MS)?.iterate({
    enter: (node) => {
      if (node.type.isError && place === null) place = node.from;
    },
  });
  return place;
}

const LANGUAGES = {
  json: (tell) => [json(), linter((view) => tell(check(view)), { delay: 250 }), lintGutter()],
  xml: () => [xml()],
  text: () => [],
};

function original(area) {
  const other = document.getElementById(area.dataset.original);
  return other ? JSON.parse(other.textContent) : area.defaultValue;
}

class Editor {
  constructor(area) {
    this.area = area;
    this.original = original(area).replaceAll(/\r\n?/g, "\n");
    this.difference = new Compartment();
    const frame = Object.assign(document.createElement("div"), { className: "editor" });
    area.before(frame);
    this.foot = this.footer();
    this.view = new EditorView({ state: this.state(), parent: frame });
    frame.append(this.foot);
    area.hidden = true;
    document.getElementById(`${area.id}-label`).addEventListener("click", () => this.view.focus());
    this.keep();
    this.changed();
    if (document.activeElement === document.body) this.view.focus();
  }

  get text() {
    return this.view.state.doc.toString();
  }

  state() {
    const nonce = document.querySelector("meta[name='csp-nonce']").content;
    return EditorState.create({
      doc: this.area.value,
      extensions: [
        EditorView.cspNonce.of(nonce), theme, words, lineNumbers(), foldGutter(), history(), drawSelection(),
        highlightSpecialChars(), highlightActiveLine(), highlightSelectionMatches(), bracketMatching(),
        search({ top: true }), EditorView.lineWrapping, this.difference.of([]),
        EditorView.contentAttributes.of({ "aria-labelledby": `${this.area.id}-label`, spellcheck: "false" }),
        keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap, ...lintKeymap]),
        LANGUAGES[this.area.dataset.language]((found) => this.tell(found)),
        EditorView.updateListener.of((update) => update.docChanged && this.edited()),
      ],
    });
  }

  footer() {
    const foot = document.getElementById("editor-foot").content.firstElementChild.cloneNode(true);
    foot.querySelector("[data-newline-name]").textContent = NEWLINES[this.area.dataset.newline];
    foot.querySelector("[data-difference]").addEventListener("change", (event) => this.compare(event.target.checked));
    return foot;
  }

  compare(on) {
    const options = { original: this.original, mergeControls: false, collapseUnchanged: {} };
    this.view.dispatch({ effects: this.difference.reconfigure(on ? unifiedMergeView(options) : []) });
  }

  edited() {
    this.changed();
    this.area.form.dispatchEvent(new Event("edited"));
  }

  changed() {
    const changed = this.text !== this.original;
    this.foot.querySelector("[data-changed]").textContent = changed ? "Changed" : "Unchanged";
  }

  tell(found) {
    const place = this.foot.querySelector("[data-check]");
    const [first] = found;
    place.className = first ? "check red" : "check green";
    if (!first) place.textContent = "Valid JSON";
    else {
      const line = this.view.state.doc.lineAt(Math.min(first.from, this.view.state.doc.length));
      place.textContent = `Line ${line.number}, column ${first.from - line.from + 1}: ${first.message}`;
    }
    return found;
  }

  // Sent with the form, kept over a reload and over "back", and asked about before it is left behind.
  keep() {
    const flush = () => { this.area.value = this.text; };
    let sent = false;
    this.area.form.addEventListener("submit", () => { flush(); sent = true; }, { capture: true });
    this.area.form.addEventListener("formdata", ({ formData }) => formData.set(this.area.name, this.text));
    addEventListener("pagehide", flush);
    addEventListener("beforeunload", (event) => {
      if (!sent && this.text !== this.area.defaultValue) event.preventDefault();
    });
  }
}

for (const area of document.querySelectorAll("textarea[data-editor]")) new Editor(area);

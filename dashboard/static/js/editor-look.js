// How CodeMirror looks: the tokens of static/css/tokens.css, so that one theme serves light and dark.
import { EditorView, HighlightStyle, syntaxHighlighting, tags } from "../vendor/codemirror.js";

export const theme = EditorView.theme({
  "&": { color: "var(--ink)", background: "var(--surface)", maxHeight: "70dvh" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "var(--code)", lineHeight: "1.25rem" },
  ".cm-content, .cm-gutter": { minHeight: "16rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.5rem 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--accent-soft)",
  },
  ".cm-gutters": { color: "var(--ink-faint)", background: "var(--sunken)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-selectionMatch": { background: "var(--amber-soft)" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "var(--red-soft)", outline: "1px solid var(--red)" },
  ".cm-specialChar": { color: "var(--red)" },
  ".cm-panels": { color: "var(--ink)", background: "var(--sunken)", borderColor: "var(--line) !important" },
  ".cm-panel button": { minHeight: "1.5rem", background: "var(--surface)", border: "1px solid var(--line-strong)" },
  ".cm-textfield": { minHeight: "1.5rem", background: "var(--surface)", border: "1px solid var(--line-strong)" },
  ".cm-tooltip": { color: "var(--ink)", background: "var(--raised)", border: "1px solid var(--line-strong)" },
  ".cm-foldPlaceholder": { color: "var(--ink-soft)", background: "var(--grey-soft)", border: "0" },
  ".cm-changedLine, .cm-insertedLine": { background: "var(--green-soft) !important" },
  ".cm-deletedChunk": { background: "var(--red-soft)" },
  ".cm-deletedChunk .cm-deletedText": { background: "color-mix(in srgb, var(--red) 26%, transparent)" },
  ".cm-changedText": { background: "color-mix(in srgb, var(--green) 26%, transparent) !important" },
  ".cm-collapsedLines": { color: "var(--ink-soft)", background: "var(--sunken)" },
});

export const words = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.propertyName, tags.tagName], color: "var(--accent)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--green)" },
  { tag: tags.number, color: "var(--violet)" },
  { tag: [tags.bool, tags.null, tags.attributeName], color: "var(--blue)" },
  { tag: tags.comment, color: "var(--ink-faint)" },
  { tag: tags.invalid, color: "var(--red)" },
]));

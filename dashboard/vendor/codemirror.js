// The one module that vendor.py bundles: all that static/js/editor.js uses of CodeMirror 6.
export { Compartment, EditorState } from "@codemirror/state";
export {
  EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export {
  HighlightStyle, bracketMatching, ensureSyntaxTree, foldGutter, foldKeymap, syntaxHighlighting,
} from "@codemirror/language";
export { json, jsonParseLinter } from "@codemirror/lang-json";
export { xml } from "@codemirror/lang-xml";
export { lintGutter, lintKeymap, linter } from "@codemirror/lint";
export { unifiedMergeView } from "@codemirror/merge";
export { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
export { tags } from "@lezer/highlight";

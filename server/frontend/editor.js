// The query editor: CodeMirror over the plain form, which works without it.
// It lives in a shadow root, where its styles need no exception from the Content-Security-Policy.

import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { completions, declarePrefixes } from "./completion.js";
import { addTools, remember } from "./tools.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--sea)", fontWeight: "600" },
  { tag: [tags.variableName], color: "var(--sun)" },
  { tag: [tags.string, tags.integer, tags.float, tags.bool], color: "var(--leaf, var(--ink))" },
  { tag: [tags.namespace, tags.url, tags.typeName], color: "var(--ink)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--sheet)", fontSize: ".875rem" },
  "&.cm-focused": { outline: "3px solid var(--sun)", outlineOffset: "2px" },
  ".cm-content, .cm-gutters": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)", minHeight: "12em" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--soft)", border: "0" },
  ".cm-scroller": { maxHeight: "32em" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sea) 7%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--sea) 25%, transparent)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--sheet)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--sea)",
    color: "var(--paper)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: ".75", marginLeft: "1em" },
});

const form = document.querySelector("form.editor");
if (form) start(form);

function start(form) {
  const area = form.elements.query;
  const submit = () => {
    form.requestSubmit();
    return true;
  };
  const place = document.createElement("div");
  place.className = "codemirror";
  const root = place.attachShadow({ mode: "open" });
  const view = new EditorView({
    doc: area.value,
    root,
    parent: root,
    extensions: [
      keymap.of([
        { key: "Mod-Enter", run: submit },
        ...completionKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      lineNumbers(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightActiveLine(),
      sparql(),
      syntaxHighlighting(colours),
      theme,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0].textContent.trim() }),
      autocompletion({ override: [completions(form)] }),
      declarePrefixes(form),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) area.value = view.state.doc.toString();
      }),
    ],
  });
  area.after(place);
  area.hidden = true;
  area.labels[0].addEventListener("click", () => view.focus());
  showError(view, form.dataset);
  form.addEventListener("submit", () => remember(area.value));
  addTools(form, (text) => {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    view.focus();
  });
}

// The server says where it could not go on, in lines and columns from 1 (columns count code points).
function showError(view, { line, column, message }) {
  if (!line || Number(line) > view.state.doc.lines) return;
  const { from, to, text } = view.state.doc.line(Number(line));
  const before = [...text].slice(0, Math.max(Number(column) - 1, 0)).join("");
  const at = Math.min(from + before.length, to);
  const start = at - before.match(/[^\s{}();,]*$/)[0].length;
  const end = at + text.slice(before.length).match(/^[^\s{}();,]*/)[0].length;
  const range = { from: Math.min(start, to), to: Math.max(end, Math.min(start + 1, to)) };
  view.dispatch(setDiagnostics(view.state, [{ ...range, severity: "error", message }]));
  view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
}

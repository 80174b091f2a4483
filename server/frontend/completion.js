// What may be typed next: terms of this graph, by the class at the cursor, and its entities by any name.
// Everything is asked of this server.

import { EditorView } from "@codemirror/view";

const longest = 60;
const token = /<[^>\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#[^\n]*|[?$]\w+|[\w-]*:[\w-]*|[{}.;,()[\]]|[^\s{}.;,()[\]]+/gu;

export function completions(form) {
  const prefixes = JSON.parse(form.dataset.prefixes);
  let vocabulary;
  return async (context) => {
    const word = context.matchBefore(/[?$]?[\p{L}\p{N}_:-]+/u);
    if (!word && !context.explicit) return null;
    const from = word ? word.from : context.pos;
    const typed = word ? word.text : "";
    const before = context.state.sliceDoc(0, from);
    if (isInside(before)) return null;
    const document = context.state.doc.toString();
    const { position, subject, predicate } = placeOf(before);
    if (/^[?$]/.test(typed)) return { from, options: variables(document), validFor: /^[?$]\w*$/ };
    const isClass = predicate === "a" || predicate === "rdf:type";
    if (position !== "predicate" && !isClass) {
      return { from, options: await entities(typed, prefixes, context), filter: false };
    }
    vocabulary ??= loadVocabulary(prefixes);
    const { terms, usage } = await vocabulary;
    if (position === "predicate") {
      const named = classOf(document, subject);
      return { from, options: properties(terms, usage, named), validFor: /^[\w:-]*$/ };
    }
    return { from, options: classes(terms, usage), validFor: /^[\w:-]*$/ };
  };
}

// A prefix that is used and not declared is declared, as soon as its name is whole.
export function declarePrefixes(form) {
  const prefixes = JSON.parse(form.dataset.prefixes);
  return EditorView.updateListener.of(({ docChanged, state, view }) => {
    if (!docChanged) return;
    const text = state.doc.toString();
    const tokens = text.match(token) ?? [];
    const declared = new Set([...text.matchAll(/\bPREFIX\s+([\w-]*):/gi)].map((found) => found[1]));
    const used = tokens.filter((one) => /^[\w-]*:[\w-]+$/.test(one)).map((one) => one.split(":")[0]);
    const missing = [...new Set(used)].filter((name) => name in prefixes && !declared.has(name));
    if (!missing.length) return;
    const insert = missing.map((name) => `PREFIX ${name}: <${prefixes[name]}>\n`).join("");
    view.dispatch({ changes: { from: 0, insert } });
  });
}

function isInside(before) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const rest = line.replace(/<[^>\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "");
  return /["'#]|<[^>\s]*$/.test(rest);
}

// Which part of a triple stands at the end of a text: its subject, its predicate or an object.
function placeOf(before) {
  let parts = [];
  for (const one of before.match(token) ?? []) {
    if (one.startsWith("#")) continue;
    if (/^[{}.()[\]]$/.test(one) || /^(WHERE|OPTIONAL|FILTER|UNION|BIND)$/i.test(one)) parts = [];
    else if (one === ";") parts = parts.slice(0, 1);
    else if (one === ",") parts = parts.slice(0, 2);
    else parts.push(one);
  }
  const position = ["subject", "predicate", "object"][Math.min(parts.length, 2)];
  return { position, subject: parts[0], predicate: parts[1] };
}

function classOf(document, subject) {
  if (!subject) return null;
  const name = subject.replace(/[$?]/g, "\\$&");
  const found = document.match(new RegExp(`${name}\\s+(?:a|rdf:type)\\s+([\\w-]*:[\\w-]+)`));
  return found && found[1];
}

function variables(document) {
  return [...new Set(document.match(/[?$]\w+/g))].map((label) => ({ label, type: "variable" }));
}

function properties(terms, usage, named) {
  const uses = usage.get(named) ?? usage.get("");
  const options = [...uses].map(([label, count]) => option(label, terms.get(label), count, "property"));
  return [{ label: "a", detail: "is a", type: "keyword", boost: 99 }, ...options];
}

function classes(terms, usage) {
  const options = [...terms].filter(([, term]) => term.kind === "Class");
  return options.map(([label, term]) => option(label, term, usage.get(label)?.get("rdf:type"), "class"));
}

function option(label, term, count, type) {
  const detail = [term?.label, count && `${count}×`].filter(Boolean).join(" · ");
  return { label, detail, info: term?.definition, type, boost: Math.min(Math.log2(count || 1) * 5, 90) };
}

async function entities(typed, prefixes, context) {
  const name = typed.replace(/^[\w-]*:/, "");
  if (name.length < 2) return [];
  const controller = new AbortController();
  context.addEventListener("abort", () => controller.abort());
  try {
    const address = `/search.json?q=${encodeURIComponent(name)}`;
    const { results } = await (await fetch(address, { signal: controller.signal })).json();
    return results
      .filter((one) => one.iri.includes("/id/"))
      .map((one, at) => ({ label: shorten(one.iri, prefixes), detail: one.label, boost: 99 - at }));
  } catch {
    return [];
  }
}

async function loadVocabulary(prefixes) {
  const [termRows, usageRows] = await Promise.all([rows("/sparql/vocabulary"), rows("/sparql/usage")]);
  const terms = new Map();
  for (const { term, kind, label, definition } of termRows) {
    const text = definition.length > 240 ? `${definition.slice(0, 240)} …` : definition;
    terms.set(shorten(term, prefixes), { label, definition: text, kind: kind.split("#").pop() });
  }
  const usage = new Map([["", new Map()]]);
  for (const row of usageRows) {
    const named = row.class ? shorten(row.class, prefixes) : "";
    const label = shorten(row.property, prefixes);
    if (label.startsWith("<") || label.length > longest) continue;
    if (!usage.has(named)) usage.set(named, new Map());
    usage.get(named).set(label, Number(row.uses));
  }
  return { terms, usage };
}

async function rows(address) {
  const answer = await (await fetch(address, { headers: { Accept: "application/sparql-results+json" } })).json();
  return answer.results.bindings.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value])),
  );
}

function shorten(iri, prefixes) {
  const fitting = Object.entries(prefixes).filter(([, namespace]) => iri.startsWith(namespace));
  const [name, namespace] = fitting.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  const rest = namespace && iri.slice(namespace.length);
  return rest && /^[\w-]+$/.test(rest) ? `${name}:${rest}` : `<${iri}>`;
}

// What stands beside the query: examples, earlier queries, a link to share, code to copy, the time it took.

const kept = "shimoda.queries";
const most = 50;

export function remember(query) {
  const others = earlier().filter((one) => one !== query);
  try {
    localStorage.setItem(kept, JSON.stringify([query, ...others].slice(0, most)));
  } catch {
    // a browser that keeps nothing has no history
  }
}

export function addTools(form, show) {
  fillHistory(form.elements.history, show);
  form.elements.example.addEventListener("change", ({ target }) => {
    if (target.selectedIndex > 0) show(target.selectedOptions[0].dataset.query);
  });
  form.elements.code.addEventListener("change", async ({ target }) => {
    if (target.value) await copy(code[target.value](form), form);
    target.value = "";
  });
  form.querySelector("[data-share]").addEventListener("click", () => copy(address(form), form));
  for (const tool of form.querySelectorAll("[data-script]")) tool.hidden = false;
  showTime(document.querySelector("[data-time]"));
}

function earlier() {
  try {
    return JSON.parse(localStorage.getItem(kept)) ?? [];
  } catch {
    return [];
  }
}

function fillHistory(list, show) {
  const queries = earlier();
  for (const query of queries) {
    const body = query.replace(/^\s*(PREFIX|BASE)\s.*$/gim, "").trim().replace(/\s+/g, " ");
    list.append(new Option(body.slice(0, 80), query));
  }
  list.disabled = !queries.length;
  list.addEventListener("change", () => {
    if (list.value) show(list.value);
  });
}

function address(form, format) {
  const url = new URL(form.action);
  url.searchParams.set("query", form.elements.query.value);
  if (form.elements.view.value) url.searchParams.set("view", form.elements.view.value);
  if (format) url.searchParams.set("format", format);
  return url.href;
}

const code = {
  curl: (form) => {
    const quoted = form.elements.query.value.replaceAll("'", "'\\''");
    const view = form.elements.view.value ? `?view=${form.elements.view.value}` : "";
    return `curl '${form.action}${view}' -H 'Accept: text/csv' --data-urlencode 'query=${quoted}'`;
  },
  python: (form) => `import httpx

query = ${JSON.stringify(form.elements.query.value)}
parameters = {"query": query, "view": ${JSON.stringify(form.elements.view.value)}}
answer = httpx.get(${JSON.stringify(form.action)}, params=parameters,
                   headers={"Accept": "application/sparql-results+json"})
answer.raise_for_status()
for row in answer.json()["results"]["bindings"]:
    print({name: term["value"] for name, term in row.items()})
`,
  javascript: (form) => `const answer = await fetch(${JSON.stringify(address(form, "json"))});
if (!answer.ok) throw new Error((await answer.json()).detail);
const { results } = await answer.json();
console.table(results.bindings.map((row) =>
  Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value]))));
`,
};

async function copy(text, form) {
  const said = form.querySelector("[data-said]");
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = said.dataset.copied;
  } catch {
    said.textContent = text;
  }
}

function showTime(place) {
  const [loading] = performance.getEntriesByType("navigation");
  if (place && loading) {
    place.textContent = ` · ${Math.max(1, Math.round(loading.responseEnd - loading.requestStart))} ms`;
  }
}

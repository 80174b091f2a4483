// Shows what there is of a name while it is typed; without this script the form leads to the same list.
const form = document.querySelector(".find");
const input = form.querySelector("input");
const list = form.appendChild(document.createElement("ul"));
list.hidden = true;
let latest = 0;
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

function entry(found) {
  const line = document.createElement("li");
  const link = line.appendChild(document.createElement("a"));
  link.href = found.page;
  link.textContent = found.label;
  line.append(" ", Object.assign(document.createElement("small"), { textContent: found.kind }));
  return line;
}

input.addEventListener("input", async () => {
  const turn = ++latest;
  await new Promise((resolve) => setTimeout(resolve, 150));
  if (turn !== latest) return;
  const text = input.value.trim();
  const answer = text && (await fetch(`/search.json?limit=8&q=${encodeURIComponent(text)}`));
  const found = answer && answer.ok ? (await answer.json()).results : [];
  if (turn !== latest) return;
  list.replaceChildren(...found.map(entry));
  list.hidden = found.length === 0;
});

form.addEventListener("keydown", (event) => {
  const stops = [input, ...list.querySelectorAll("a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") list.hidden = true;
  if (!step || list.hidden) return;
  event.preventDefault();
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
});

form.addEventListener("focusout", (event) => {
  if (!form.contains(event.relatedTarget)) list.hidden = true;
});

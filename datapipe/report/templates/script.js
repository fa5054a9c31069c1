"use strict";
// The page is complete without this script; it adds tooltips, sorting, filtering, names of languages.

const tip = document.getElementById("tip");
for (const element of document.querySelectorAll("[title]")) {
  element.dataset.tip = element.title;
  element.removeAttribute("title");
}
document.addEventListener("pointerover", (event) => {
  const element = event.target.closest("[data-tip]");
  tip.hidden = !element;
  if (element) tip.textContent = element.dataset.tip;
});
document.addEventListener("pointermove", (event) => {
  if (tip.hidden) return;
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 20;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : below}px`;
});

function valueOf(row, column) {
  const text = row.cells[column].dataset.value ?? row.cells[column].textContent;
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function sortBy(table, column) {
  const header = table.tHead.rows[0].cells[column];
  const body = table.tBodies[0];
  const shown = [...body.rows].filter((row) => !row.classList.contains("more")).length;
  const isNumeric = typeof valueOf(body.rows[0], column) === "number";
  const order = header.ariaSort ?? (isNumeric ? "ascending" : "descending");
  const sign = order === "ascending" ? -1 : 1;
  const rows = [...body.rows].sort((a, b) => {
    const [left, right] = [valueOf(a, column), valueOf(b, column)];
    return sign * (isNumeric ? left - right : String(left).localeCompare(String(right)));
  });
  rows.forEach((row, index) => row.classList.toggle("more", index >= shown));
  body.append(...rows);
  for (const other of header.parentElement.cells) other.ariaSort = null;
  header.ariaSort = sign > 0 ? "ascending" : "descending";
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    if (header.classList.contains("bar") || table.tBodies[0].rows.length < 2) return;
    const button = document.createElement("button");
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, column));
    header.append(button);
  });
}

for (const filter of document.querySelectorAll(".filter")) {
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of filter.closest(".chartbox").querySelector("tbody").rows) {
      const found = row.cells[0].textContent.toLowerCase().includes(wanted);
      row.classList.toggle("matched", wanted !== "" && found);
      row.classList.toggle("unmatched", wanted !== "" && !found);
    }
  });
}

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
for (const element of document.querySelectorAll("[data-language]")) {
  const code = element.dataset.language;
  const name = /^[a-z]{2,3}$/.test(code) ? names.of(code) : undefined;
  if (!name) continue;
  const word = document.createElement("span");
  word.className = "quiet";
  word.textContent = ` ${name}`;
  element.append(word);
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();

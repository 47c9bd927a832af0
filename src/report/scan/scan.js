"use strict";

const rows = document.querySelector("#rows");
const body = rows.tBodies[0];
const filters = { text: document.querySelector("#text"), rule: document.querySelector("#rule"), kind: document.querySelector("#kind") };
const all = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));

/** Whether a build is of the kind that was chosen. */
function isOfKind(row, kind) {
  if (kind === "emulated") return Number(row.cells[5].dataset.value) > 0;
  return kind === "" || kind in row.dataset;
}

/** Shows the rows that every filter takes. */
function filter() {
  const words = filters.text.value.toLowerCase().split(" ").filter((word) => word !== "");
  const rule = filters.rule.value === "" ? "" : ` ${filters.rule.value} `;
  let shown = 0;
  for (const { row, text } of all) {
    const isShown = words.every((word) => text.includes(word)) && row.dataset.rules.includes(rule) && isOfKind(row, filters.kind.value);
    row.hidden = !isShown;
    shown += isShown ? 1 : 0;
  }
  document.querySelector("#count").textContent = `${shown} of ${all.length} rows`;
}

/** Sorts by a column: numbers from the largest, words from the first; once more, the other way. */
function sort(head) {
  const column = head.cellIndex;
  const isNumber = head.classList.contains("number");
  const first = isNumber ? "descending" : "ascending";
  const other = isNumber ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  for (const cell of rows.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const number = (row) => Number(row.cells[column].dataset.value);
  const word = (row) => row.cells[column].textContent;
  const compare = isNumber ? (a, b) => number(a) - number(b) : (a, b) => word(a).localeCompare(word(b));
  all.sort((a, b) => sign * compare(a.row, b.row));
  body.append(...all.map(({ row }) => row));
}

for (const head of rows.tHead.rows[0].cells) head.querySelector("button")?.addEventListener("click", () => sort(head));
for (const field of Object.values(filters)) field.addEventListener("input", filter);
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
rows.tHead.rows[0].cells[8].setAttribute("aria-sort", "descending");
filter();

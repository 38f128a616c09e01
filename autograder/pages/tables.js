// Sorts and filters tables that say `data-table`. Without it they are plain tables.
"use strict";
for (const table of document.querySelectorAll("[data-table]")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const status = document.querySelector("[data-status]");
  const filters = [...document.querySelectorAll("[data-filter]")];
  const text = rows.map((row) => row.textContent.toLowerCase());

  const number = (cell) => {
    const found = cell.textContent.replace("\u2212", "-").match(/-?\d+(\.\d+)?/);
    return found ? Number(found[0]) : -Infinity;
  };

  const keep = (row, i) =>
    filters.every((filter) => {
      const name = filter.dataset.filter;
      if (name === "flagged") return !filter.checked || row.hasAttribute("data-flagged");
      if (name === "text") return text[i].includes(filter.value.trim().toLowerCase());
      return !filter.value || row.querySelector(`[data-name="${name}"]`).textContent === filter.value;
    });

  const show = () => {
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !keep(row, i);
      if (!row.hidden) count += 1;
    });
    if (status) status.textContent = `${count} of ${rows.length} ${status.dataset.what}`;
  };
  for (const filter of filters) filter.addEventListener("input", show);

  for (const button of table.querySelectorAll("[data-sort]")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const column = head.cellIndex;
      const key = button.dataset.sort === "number" ? number : (cell) => cell.textContent.trim().toLowerCase();
      const keys = new Map(rows.map((row) => [row, key(row.cells[column])]));
      const sorted = [...rows].sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
      body.append(...sorted);
      if (status) status.textContent = `Sorted by ${button.textContent}, ${down ? "largest" : "smallest"} first`;
    });
  }
  if (filters.length) show();
}

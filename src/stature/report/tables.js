// Tables of the page: sorted by a click on a column, filtered by words, and each number with its
// error, its replicates and the command that makes one of them again, on hover, focus or a touch.
"use strict";
(() => {
  const number = (text) => {
    const found = text.replace(/−/g, "-").replace(/,/g, "").match(/^[<]?(-?\d*\.?\d+)/);
    return found ? Number(found[1]) : null;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    return x !== null ? -1 : y !== null ? 1 : a.localeCompare(b);
  };
  const sort = (table, column, header) => {
    const falls = header.getAttribute("aria-sort") === "ascending";
    for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(a.cells[column].textContent, b.cells[column].textContent));
    table.tBodies[0].append(...(falls ? rows.reverse() : rows));
  };
  const filtered = (table) => {
    const label = document.createElement("label"), input = document.createElement("input");
    input.type = "search";
    label.className = "filter";
    label.append("Rows with ", input);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of table.tBodies[0].rows) {
        const cells = [...row.cells].map((cell) => cell.textContent.toLowerCase());
        const first = cells.slice(0, 2).join(" ");
        row.hidden = !words.every((word) => first.includes(word));
      }
    });
    table.parentElement.before(label);
  };

  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  const say = (cell) => {
    const row = cell.parentElement, table = row.closest("table");
    const [value, error] = cell.textContent.split(/ \(|\)/);
    const used = Number(row.dataset.used ?? table.dataset.of).toLocaleString("en");
    const of = Number(table.dataset.of).toLocaleString("en");
    const size = row.cells[1].textContent.replace(/,/g, "");
    const command = document.createElement("code");
    command.textContent =
      `stature replay ${table.dataset.replay} --estimator ${row.cells[0].textContent} --size ${size}`;
    const mcse = error ? ` ± ${error} (Monte-Carlo standard error)` : "";
    tip.replaceChildren(`${value}${mcse}, from ${used} of ${of} replicates. One of them again: `, command);
    tip.hidden = false;
    const at = cell.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = at.bottom + tip.offsetHeight + 8 < window.innerHeight;
    tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
    tip.style.top = `${(below ? at.bottom + 4 : at.top - tip.offsetHeight - 4) + window.scrollY}px`;
  };
  const hide = () => { tip.hidden = true; };
  const measured = (target) => {
    const cell = target instanceof Element ? target.closest("table[data-replay] tbody td") : null;
    return cell && cell.cellIndex > 1 && number(cell.textContent) !== null ? cell : null;
  };
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const move = (event) => {
    const cell = event.target.closest("table[data-replay] tbody td");
    if (event.key === "Escape") hide();
    if (!cell || !step[event.key]) return;
    const [down, right] = step[event.key];
    const rows = [...cell.closest("tbody").rows].filter((row) => !row.hidden);
    const next = rows[rows.indexOf(cell.parentElement) + down]?.cells[cell.cellIndex + right];
    if (!next || next.cellIndex < 2) return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  };
  for (const [event, show] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]])
    document.addEventListener(event, ({ target }) => {
      const cell = measured(target);
      if (cell && show) say(cell);
      else if (cell) hide();
    });
  document.addEventListener("click", ({ target }) => {
    const cell = measured(target);
    if (cell) { cell.tabIndex = 0; cell.focus(); say(cell); }
  });
  document.addEventListener("keydown", move);

  for (const table of document.querySelectorAll("table.rows")) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column, header));
      header.append(button);
    });
    if (table.tBodies[0].rows.length > 8) filtered(table);
    const first = table.dataset.replay && table.tBodies[0].rows[0]?.cells[2];
    if (first) first.tabIndex = 0;
  }
  // What is folded is printed, but for the long tables, which are in measures.csv.
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details:not(.long)")) one.open = true;
  });
})();

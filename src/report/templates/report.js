// Filters, sorts and switches scales. Controls are made here, so that without a script there are none that do nothing.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // A click on a heading sorts by it, the next one the other way round, the third as it was.
  const sort = (table, column, direction) => {
    const key = (row) => {
      const cell = row.cells[column];
      const value = cell.dataset.value ?? cell.querySelector("data")?.value ?? (cell.matches(".number, .u") ? "" : cell.textContent.trim());
      return value === "" ? null : Number.isNaN(Number(value)) ? value : Number(value);
    };
    for (const body of table.tBodies) {
      body.known ??= [...body.rows];
      const rows = body.known.filter((row) => !row.classList.contains("size"));
      const order = (one, other) => {
        const [a, b] = [key(one), key(other)];
        if (a === null || b === null) return (a === null) - (b === null);
        return direction * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
      };
      body.append(...(direction ? rows.sort(order) : rows));
    }
  };
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      if ("fixed" in head.dataset) return;
      const first = head.matches(".number, .cells th + th") || head.textContent === "Confidence" ? -1 : 1;
      const button = make("button", { type: "button", title: "Sort" }, ...head.childNodes);
      head.append(button);
      let turn = 0;
      button.addEventListener("click", () => {
        turn = head.hasAttribute("aria-sort") ? (turn + 1) % 3 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        const direction = [0, first, -first][turn];
        if (direction) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        sort(table, column, direction);
      });
    });
  }

  // The plan decides which workloads are shown below.
  const plan = document.getElementById("plan");
  if (!plan) return;
  const rows = all("tbody tr", plan);
  const chosen = new Set();
  const said = make("span", { className: "said-count" });
  said.setAttribute("role", "status");
  const search = make("input", { type: "search", placeholder: "name", autocomplete: "off" });
  const filter = () => {
    const word = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!chosen.size || chosen.has(row.dataset.word)) && row.cells[0].textContent.toLowerCase().includes(word);
      row.hidden = !fits;
      document.getElementById(row.dataset.card)?.toggleAttribute("hidden", !fits);
      shown += fits;
    }
    said.textContent = shown < rows.length ? `${shown} of ${rows.length} workloads shown, here and below` : "";
  };
  search.addEventListener("input", filter);
  for (const item of all(".tally li")) {
    const button = make("button", { type: "button" }, ...item.childNodes);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const word = item.dataset.word;
      const on = !chosen.delete(word) && !!chosen.add(word);
      button.setAttribute("aria-pressed", String(on));
      filter();
    });
    item.append(button);
  }
  const linear = make("input", { type: "checkbox" });
  linear.addEventListener("change", () => plan.classList.toggle("linear", linear.checked));
  plan.before(
    make(
      "div",
      { className: "tools" },
      make("label", {}, "Filter ", search),
      make("label", {}, linear, " Bars on a linear scale"),
      said,
    ),
  );
})();

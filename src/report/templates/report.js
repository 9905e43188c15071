// Filters, sorts, switches scales, tells values. Controls are made here, so that without a script there are none that do nothing.
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

  // A picture tells the value that a pointer is near to, that is tapped, or that arrow keys walk to.
  const dot = make("div", { className: "dot", hidden: true });
  const tip = make("div", { className: "tip", ariaLive: "polite" });
  document.body.append(dot, tip);
  let shown;
  const tell = (value) => {
    if (shown === value) return;
    shown = value;
    dot.hidden = !value;
    tip.replaceChildren(...(value?.said ?? []).map((textContent) => make("p", { textContent })));
    if (!value) return;
    const { x, y } = DOMPoint.fromPoint(value).matrixTransform(value.svg.getScreenCTM());
    const put = (element, x, y) => (element.style.cssText = `left:${x + scrollX}px;top:${y + scrollY}px`);
    const { offsetWidth: width, offsetHeight: height } = tip;
    put(dot, x, y);
    put(tip, Math.max(8, Math.min(innerWidth - 24 - width, x - width / 2)), y < height + 22 ? y + 14 : y - height - 14);
  };
  const hide = () => tell();
  const go = (value) => {
    tell(value);
    dot.scrollIntoView({ block: "nearest" });
  };
  const nearest = (values, away) => values.reduce((best, it) => (away(it) < away(best) ? it : best), values[0]);
  for (const svg of all("svg[data-marks]")) {
    const [subject, ...words] = svg.closest("figure").querySelector("[data-words]").dataset.words.split("\n");
    let name, line = 0, last = 0;
    const values = svg.dataset.marks.split(",").map((mark, index) => {
      const [x, y, reach = last] = mark.split(" ").map(Number);
      const [text, own] = words[index].split("\t").reverse();
      if (own) [name, line] = [own, line + 1];
      last = reach;
      return { svg, x, y, reach, line, said: [name, text, subject] };
    });
    const point = ({ clientX, clientY }) => {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
      const away = (it) => Math.hypot(Math.max(0, Math.abs(x - it.x) - it.reach), y - it.y);
      const value = nearest(values, away);
      tell(away(value) < 48 && value);
    };
    svg.tabIndex = 0;
    const on = (type, act) => svg.addEventListener(type, act);
    // The page may move under a still mouse.
    on("mousemove", (event) => (event.movementX || event.movementY) && point(event));
    on("mouseleave", () => shown?.svg === svg && hide());
    on("click", point);
    on("focus", () => svg.matches(":focus-visible") && go(values[0]));
    on("blur", hide);
    on("keydown", (event) => {
      if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const now = shown?.svg === svg && shown;
      const step = /Right|Down/.test(event.key) ? 1 : -1;
      const line = values.filter((it) => it.line === now.line + step);
      const across = nearest(line, (it) => Math.abs(it.x - now.x));
      go((/Up|Down/.test(event.key) ? across : values[values.indexOf(now) + step]) ?? (now || values[0]));
    });
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("pointerdown", hide);
  addEventListener("resize", hide);

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
